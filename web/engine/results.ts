// The page's folder in the origin-private file system, where the results of its last run are kept.
//
//     clearpipe-results/<session>/<run>/processed_data.jsonl, failed_data.jsonl
//
// Each open page is a session of its own, so that several tabs don't get into each other's way. A session holds a lock
// as long as its page is open; folders whose lock is free are left over from pages that were closed, and removed.

const ROOT = 'clearpipe-results';

const lockOf = (session: string) => `${ROOT}/${session}`;

/** Null where the browser has no such file system, as in some private windows and on plain http. */
export async function openResults(): Promise<ResultFolders | null> {
  try {
    const storage = await navigator.storage.getDirectory();
    const root = await storage.getDirectoryHandle(ROOT, { create: true });
    const session = crypto.randomUUID();
    // First the lock, then the folder: nobody shall take it for left over.
    await holdLock(lockOf(session));
    await root.getDirectoryHandle(session, { create: true });
    void removeStale(root);
    return new ResultFolders(root, session);
  } catch {
    return null;
  }
}

/** Resolves when it is held; it then is until the page is closed. */
function holdLock(name: string): Promise<void> {
  return new Promise((held, failed) => {
    navigator.locks
      .request(name, () => {
        held();
        return new Promise(() => undefined);
      })
      .catch(failed);
  });
}

async function removeStale(root: FileSystemDirectoryHandle): Promise<void> {
  const names: string[] = [];
  for await (const name of root.keys()) names.push(name);
  for (const name of names) {
    await navigator.locks.request(lockOf(name), { ifAvailable: true }, async (lock) => {
      if (lock) await remove(root, name);
    });
  }
}

async function remove(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  // What is still being read can't be removed everywhere; the next page tries again.
  await directory.removeEntry(name, { recursive: true }).catch(() => undefined);
}

/** The folders of one session. */
export class ResultFolders {
  readonly #root: FileSystemDirectoryHandle;
  readonly #session: string;
  #runs = 0;

  constructor(root: FileSystemDirectoryHandle, session: string) {
    this.#root = root;
    this.#session = session;
  }

  /** A folder for a new run: its path from the top. The results of those before are removed. */
  async next(): Promise<string[]> {
    this.#runs += 1;
    // Made anew if the browser or the user has cleared it.
    const session = await this.#root.getDirectoryHandle(this.#session, { create: true });
    // Also what could not be removed before, as an engine that was ended had it open yet.
    const names: string[] = [];
    for await (const name of session.keys()) names.push(name);
    for (const name of names) await remove(session, name);
    return [ROOT, this.#session, String(this.#runs)];
  }

  /** Whether a file may be as large; nothing is written. Null where the browser can't tell. */
  async fits(bytes: number): Promise<boolean | null> {
    const name = `room-${crypto.randomUUID()}`;
    let session: FileSystemDirectoryHandle | undefined;
    try {
      session = await this.#root.getDirectoryHandle(this.#session, { create: true });
      const file = await session.getFileHandle(name, { create: true });
      const stream = await file.createWritable();
      try {
        await stream.truncate(bytes);
      } finally {
        await stream.abort();
      }
      return true;
    } catch (error) {
      return error instanceof DOMException && error.name === 'QuotaExceededError' ? false : null;
    } finally {
      await session?.removeEntry(name).catch(() => undefined);
    }
  }
}
