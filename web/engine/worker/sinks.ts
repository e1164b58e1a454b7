// Where the worker writes the two files of a run: to the origin-private file system, or to memory if there is none.

import { MEMORY_LIMIT } from '../protocol';
import type { Storage } from '../protocol';
import { StorageError, writtenOf } from './storage-error';

export const FILE_NAMES = { processed: 'processed_data.jsonl', failed: 'failed_data.jsonl' };

/** A file that is being written. */
export interface Sink {
  /** The number of bytes written. */
  readonly size: number;
  /** Throws if not all of it is written. */
  write(chunk: Uint8Array<ArrayBuffer>): void;
  /** Resolves once the browser is ready for more. */
  ready(): Promise<void>;
  /** Finishes the file and returns it. Rejects if it isn't what was written. */
  finish(): Promise<Blob>;
  /** Ends it without a result, and frees its space. */
  discard(): void;
}

export interface Sinks {
  storage: Storage;
  processed: Sink;
  failed: Sink;
}

/**
 * Opens both files.
 *
 * @param folder in the origin-private file system; null if there is none
 * @param onFull called once, when the results reach the limit of what is kept in memory
 */
export async function openSinks(folder: string[] | null, onFull: () => void): Promise<Sinks> {
  const directory = folder && (await open(folder));
  if (directory) {
    const processed = await FileSink.open(directory, FILE_NAMES.processed);
    const failed = await FileSink.open(directory, FILE_NAMES.failed);
    if (processed && failed) return { storage: 'disk', processed, failed };
    processed?.discard();
    failed?.discard();
  }
  const budget = new Budget(MEMORY_LIMIT, onFull);
  return { storage: 'memory', processed: new MemorySink(budget), failed: new MemorySink(budget) };
}

async function open(folder: string[]): Promise<FileSystemDirectoryHandle | null> {
  try {
    let directory = await navigator.storage.getDirectory();
    for (const name of folder) {
      directory = await directory.getDirectoryHandle(name, { create: true });
    }
    return directory;
  } catch {
    // As in some browsers' private windows: fall back to memory.
    return null;
  }
}

/** A file in the origin-private file system. */
export class FileSink implements Sink {
  size = 0;
  readonly #file: FileSystemFileHandle;
  readonly #handle: FileSystemSyncAccessHandle;

  constructor(file: FileSystemFileHandle, handle: FileSystemSyncAccessHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  static async open(directory: FileSystemDirectoryHandle, name: string): Promise<FileSink | null> {
    try {
      const file = await directory.getFileHandle(name, { create: true });
      const handle = await file.createSyncAccessHandle();
      handle.truncate(0);
      return new FileSink(file, handle);
    } catch {
      return null;
    }
  }

  write(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      // At an explicit position, whatever the browser believes to be the current one.
      const count = writtenOf(this.#handle.write(rest, { at: this.size }), rest.length);
      this.size += count;
      rest = rest.subarray(count);
    }
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  async finish(): Promise<Blob> {
    this.#handle.flush();
    this.#expect(this.#handle.getSize());
    this.#handle.close();
    const file = await this.#file.getFile();
    this.#expect(file.size);
    return file;
  }

  discard(): void {
    try {
      this.#handle.truncate(0);
    } catch {
      // It is removed before the next run.
    }
    this.#handle.close();
  }

  #expect(size: number): void {
    if (size === this.size) return;
    const name = this.#file.name;
    throw new StorageError(
      `the results can’t be stored: the browser has kept ${size} of the ${this.size} bytes of ${name}`,
    );
  }
}

/** The memory left for both files. */
export class Budget {
  #left: number;
  readonly #onFull: () => void;

  constructor(limit: number, onFull: () => void) {
    this.#left = limit;
    this.#onFull = onFull;
  }

  take(bytes: number): void {
    const before = this.#left;
    this.#left -= bytes;
    if (before > 0 && this.#left <= 0) this.#onFull();
  }
}

/** Collects the file in blobs, which browsers may move to disk on their own. */
export class MemorySink implements Sink {
  static readonly BLOB_SIZE = 8 * 2 ** 20;

  size = 0;
  readonly #budget: Budget;
  #blobs: Blob[] = [];
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  /** Bytes that aren't in a blob yet. */
  #loose = 0;
  #taken: Promise<void> = Promise.resolve();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Also writes beyond the limit: at that point little is in flight, and it must not be lost. */
  write(chunk: Uint8Array<ArrayBuffer>): void {
    this.#budget.take(chunk.length);
    this.#chunks.push(chunk);
    this.size += chunk.length;
    this.#loose += chunk.length;
    if (this.#loose >= MemorySink.BLOB_SIZE) this.#pack();
  }

  ready(): Promise<void> {
    return this.#taken;
  }

  async finish(): Promise<Blob> {
    this.#pack();
    await this.#taken;
    return new Blob(this.#blobs);
  }

  discard(): void {
    this.#blobs = [];
    this.#chunks = [];
  }

  #pack(): void {
    const blob = new Blob(this.#chunks);
    this.#blobs.push(blob);
    // Blobs are handed to another process bit by bit, and Chromium loses some if there are too
    // many. A blob that can be read has arrived.
    this.#taken = blob
      .slice(-1)
      .arrayBuffer()
      .then(() => undefined);
    this.#taken.catch(() => undefined);
    this.#chunks = [];
    this.#loose = 0;
  }
}
