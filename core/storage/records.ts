import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asStorageError, syncPath } from "./storage.ts";

/** Small texts by path, shared by several processes: the ledger and the results of stages. */
export interface Records {
  /** Null if there is no such text. */
  read(path: string): Promise<string | null>;
  /** Names directly below a folder, sorted; empty if the folder does not exist. */
  list(folder: string): Promise<string[]>;
  /** Writes or overwrites a text atomically. */
  replace(path: string, text: string): Promise<void>;
  /**
   * Writes a text only if the path is free. Of two writers one wins, and no reader sees a partial text. Returns whether
   * this call wrote it.
   */
  create(path: string, text: string): Promise<boolean>;
  /** Removes a text; does nothing if there is none. */
  remove(path: string): Promise<void>;
  /** The whole path of a text, for messages. */
  place(path: string): string;
}

/** Records as files below a folder. Throws StorageFailed. */
export function folderRecords(root: string): Records {
  return {
    read: (path) => readFile(join(root, path), "utf8").catch(absent(null)),
    list: async (folder) => (await readdir(join(root, folder)).catch(absent([] as string[]))).sort(),
    replace: (path, text) => placed(join(root, path), text, rename).then(() => {}),
    // `link` fails if the name exists, and leaves no lock behind after a crash.
    create: (path, text) => placed(join(root, path), text, link),
    remove: (path) => removed(join(root, path)),
    place: (path) => join(root, path),
  };
}

/** Caches records after their first read, for records that are never overwritten. */
export function readOnce(records: Records): Records {
  const known = new Map<string, string>();
  return {
    ...records,
    async read(path) {
      const text = known.get(path) ?? (await records.read(path));
      if (text !== null) known.set(path, text);
      return text;
    },
  };
}

function absent<T>(nothing: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return nothing;
    throw asStorageError(error);
  };
}

async function placed(
  file: string,
  text: string,
  place: (from: string, to: string) => Promise<void>,
): Promise<boolean> {
  const folder = dirname(file);
  const fresh = join(folder, `.fresh-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(fresh, text, { flush: true });
    await place(fresh, file);
    await syncPath(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw asStorageError(error);
  } finally {
    await rm(fresh, { force: true });
  }
}

async function removed(file: string): Promise<void> {
  try {
    await unlink(file);
    await syncPath(dirname(file));
  } catch (error) {
    absent(undefined)(error as NodeJS.ErrnoException);
  }
}
