import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256 } from "../../base/canonical.ts";
import { readJson } from "../../base/readJson.ts";
import { syncPath } from "../../storage/storage.ts";

export type Arrays = Record<string, Float32Array<ArrayBuffer>>;

/** Writes log and arrays into a new folder and syncs it. Removes the folder on failure. */
export async function writeCheckpoint(folder: string, log: object, arrays: Arrays): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  try {
    const digests: Record<string, string> = {};
    for (const [kind, array] of Object.entries(arrays)) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      digests[kind] = sha256(bytes);
      await writeSynced(join(folder, `${kind}.f32`), bytes);
    }
    await writeSynced(join(folder, "state.json"), Buffer.from(JSON.stringify({ log, digests })));
    await syncFolder(folder);
  } catch (error) {
    // On a full disk, half a checkpoint would only take space.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/** Reads what `writeCheckpoint` wrote, with `elements` per array. Null if any part is missing or damaged. */
export async function readCheckpoint<Log>(
  folder: string,
  elements: number,
): Promise<{ log: Log; arrays: Arrays } | null> {
  const saved = await readJson<{ log: Log; digests: Record<string, string> }>(join(folder, "state.json"));
  if (!saved) return null;
  const arrays: Arrays = {};
  for (const [kind, digest] of Object.entries(saved.digests)) {
    const bytes = await readFile(join(folder, `${kind}.f32`)).catch(() => Buffer.alloc(0));
    if (bytes.length !== elements * 4 || sha256(bytes) !== digest) return null;
    const array = new Float32Array(elements);
    new Uint8Array(array.buffer).set(bytes);
    arrays[kind] = array;
  }
  return { log: saved.log, arrays };
}

/** Writes a file atomically. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeSynced(`${file}.new`, Buffer.from(JSON.stringify(value)));
  await rename(`${file}.new`, file);
  await syncFolder(dirname(file));
}

/** Makes renames in a folder survive a power failure. Windows has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== "win32") await syncPath(folder);
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
