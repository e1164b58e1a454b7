/** Has the browser save a file, as if a link to it had been pressed. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser may begin to read it only later.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
