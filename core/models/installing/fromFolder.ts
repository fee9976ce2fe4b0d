import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import { type Found, givenChunks, liesBelow, listGiven, lookAt, Unreadable } from "../../base/given/files.ts";
import { type GivenFile, isWanted, type ModelFiles, mostBytes } from "./modelFiles.ts";

const MAX_ENTRIES = 10_000;

/**
 * The files of a model folder. Links are followed inside the folder, and to the blobs of a hub's cache that it belongs
 * to. Throws BadModel naming a file that is a pipe, a device, or a link that leads elsewhere.
 */
export async function folderFiles(folder: string): Promise<ModelFiles> {
  const files: GivenFile[] = [];
  const roots = [folder, join(dirname(dirname(folder)), "blobs")];
  for (const path of await pathsIn(folder)) {
    if (!isWanted(path)) files.push({ path, bytes: 0 });
    else files.push({ path, bytes: (await fileAt(folder, path, roots)).size });
  }
  return {
    files,
    async take(path, to, onBytes) {
      const { real } = await fileAt(folder, path, roots);
      await copy(real, path, to, onBytes);
    },
  };
}

/** Paths of the folder and of the folders directly in it, which is all that a model has. */
async function pathsIn(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, kind } of await listed(folder)) {
    if (kind !== "folder") paths.push(name);
    else
      for (const inner of await listed(join(folder, name)))
        if (inner.kind !== "folder") paths.push(`${name}/${inner.name}`);
  }
  return paths;
}

function listed(folder: string) {
  return readable(folder, () => listGiven(folder, MAX_ENTRIES));
}

async function fileAt(folder: string, path: string, roots: readonly string[]): Promise<Found> {
  const file = join(folder, path);
  const found = await readable(path, () => lookAt(file));
  if (found === null) throw bad(path, "is a link to nothing");
  if (found.kind !== "file")
    throw bad(path, found.kind === "pipe" ? "is a pipe (FIFO), not a file" : `is a ${found.kind}, not a file`);
  if (await liesBelow(found, roots)) return found;
  throw bad(path, "is a link that leads out of the folder: copy the file into it");
}

async function copy(from: string, path: string, to: string, onBytes: (bytes: number) => void): Promise<void> {
  const handle = await open(to, "wx");
  try {
    let bytes = 0;
    await readable(path, async () => {
      for await (const chunk of givenChunks(from, { maxBytes: mostBytes(path) })) {
        await handle.appendFile(chunk);
        bytes += chunk.length;
        onBytes(bytes);
      }
    });
  } finally {
    await handle.close();
  }
}

async function readable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Unreadable) throw bad(path, cause.message);
    throw cause;
  }
}

function bad(path: string, problem: string): WinnowError {
  return new WinnowError("BadModel", `${path} ${problem}`);
}
