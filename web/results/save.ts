/** Downloads a file, as if the user had clicked a link to it. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser may start to read it later.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
