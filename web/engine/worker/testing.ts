// A fake of a browser's file, which returns whatever a test wants.

export interface FakeOptions {
  /** What a write returns, if not the number of bytes passed. */
  write?: (call: number, length: number) => number;
  /** The size that the file reports, given its real one. */
  size?: (size: number) => number;
  fileSize?: (size: number) => number;
}

export function fakeFile(
  name: string,
  { write = (_, length) => length, size = same, fileSize = same }: FakeOptions,
): {
  file: FileSystemFileHandle;
  handle: FileSystemSyncAccessHandle;
  content: () => Uint8Array<ArrayBuffer>;
} {
  let content = new Uint8Array();
  let calls = 0;
  let isOpen = true;
  const handle = {
    write(bytes: Uint8Array, { at = 0 } = {}) {
      const count = write(calls, bytes.length);
      calls += 1;
      if (count > 0 && count <= bytes.length) {
        const grown = new Uint8Array(Math.max(content.length, at + Math.floor(count)));
        grown.set(content);
        grown.set(bytes.subarray(0, count), at);
        content = grown;
      }
      return count;
    },
    truncate(length: number) {
      if (!isOpen) throw new DOMException('it is closed', 'InvalidStateError');
      content = content.slice(0, length);
    },
    flush: () => undefined,
    getSize: () => size(content.length),
    close() {
      isOpen = false;
    },
  };
  const file = {
    name,
    getFile: () => Promise.resolve(new Blob([content.slice(0, fileSize(content.length))])),
    createSyncAccessHandle: () => Promise.resolve(handle),
  };
  return {
    file: file as unknown as FileSystemFileHandle,
    handle: handle as unknown as FileSystemSyncAccessHandle,
    content: () => content,
  };
}

/** A fake of a page's file system, with these files in all of its folders. */
export function fakeDirectory(files: Record<string, FileSystemFileHandle>): unknown {
  const directory = {
    getDirectoryHandle: () => Promise.resolve(directory),
    getFileHandle: (name: string) => Promise.resolve(files[name]),
  };
  return directory;
}

function same(size: number): number {
  return size;
}
