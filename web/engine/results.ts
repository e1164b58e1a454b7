// The results of the page's runs in the origin-private file system.
//
//     clearpipe-results/<session>/<run>/processed_data.jsonl, failed_data.jsonl
//
// Each open page is a session, so that tabs don't interfere with each other. A session holds a lock while its page is
// open. Folders whose lock is free are left over from closed pages, and are removed.

const ROOT = 'clearpipe-results';

const lockOf = (session: string) => `${ROOT}/${session}`;

/** Returns null if the browser has no such file system, as in some private windows and on plain http. */
export async function openResults(): Promise<ResultFolders | null> {
  try {
    const storage = await navigator.storage.getDirectory();
    const root = await storage.getDirectoryHandle(ROOT, { create: true });
    const session = crypto.randomUUID();
    // Take the lock before creating the folder, so that no other page considers it stale.
    await holdLock(lockOf(session));
    await root.getDirectoryHandle(session, { create: true });
    void removeStale(root);
    return new ResultFolders(root, session);
  } catch {
    return null;
  }
}

/** Resolves once the lock is held. It is held until the page is closed. */
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
  // Some browsers can't remove what is still being read; the next page tries again.
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

  /** Creates the folder for a new run, and removes the results of previous runs. Returns its path from the root. */
  async next(): Promise<string[]> {
    this.#runs += 1;
    // Recreate it if the browser or the user has cleared it.
    const session = await this.#root.getDirectoryHandle(this.#session, { create: true });
    // Includes what could not be removed before because a terminated engine still had it open.
    const names: string[] = [];
    for await (const name of session.keys()) names.push(name);
    for (const name of names) await remove(session, name);
    return [ROOT, this.#session, String(this.#runs)];
  }

  /** Returns whether a file may be this large, without writing it; null if the browser can't tell. */
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
