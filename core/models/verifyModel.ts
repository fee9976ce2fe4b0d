import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { sha256OfFile } from "../base/canonical.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { SET_UP } from "../base/ownModules.ts";

/**
 * Checks an encoder's folder: `config.json` and `tokenizer.json` parse, and `model.safetensors` has the length given in
 * its header. Reads only the header of the weights. Throws BadModel naming the file and the fix.
 */
export async function verifyModelDir(folder: string): Promise<void> {
  for (const name of ["config.json", "tokenizer.json"]) await readJson(join(folder, name));
  const weights = join(folder, "model.safetensors");
  const size = await stat(weights).then(
    (found) => found.size,
    () => {
      throw broken(weights, "is missing");
    },
  );
  const expected = await safetensorsBytes(weights);
  if (size !== expected) throw broken(weights, `has ${size} bytes, but its header requires ${expected}`);
}

/** Names of a folder's files that are missing or whose SHA-256 differs from `pinned` (file name -> hex). */
export async function damagedFiles(folder: string, pinned: Record<string, string>): Promise<string[]> {
  const damaged: string[] = [];
  for (const [file, sha256] of Object.entries(pinned)) {
    const found = await sha256OfFile(join(folder, file)).catch(() => null);
    if (found !== sha256) damaged.push(file);
  }
  return damaged;
}

function broken(file: string, problem: string): WinnowError {
  return new WinnowError("BadModel", `${file} ${problem}. Remove its folder and run \`${SET_UP}\` to fetch it again.`);
}

async function readJson(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => {
    throw broken(file, "is missing");
  });
  try {
    JSON.parse(text);
  } catch (error) {
    throw broken(file, `is not JSON (${messageOf(error)})`);
  }
}

/** Required length of a safetensors file: 8 bytes, the header, and the data up to the last tensor's end. */
async function safetensorsBytes(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const prefix = Buffer.alloc(8);
    await handle.read(prefix, 0, 8, 0);
    const length = Number(prefix.readBigUInt64LE());
    if (length > 100_000_000) throw broken(file, "is not a safetensors file");
    const header = Buffer.alloc(length);
    await handle.read(header, 0, length, 8);
    const tensors = Object.values(JSON.parse(header.toString("utf8"))) as { data_offsets?: [number, number] }[];
    return 8 + length + Math.max(0, ...tensors.map((tensor) => tensor.data_offsets?.[1] ?? 0));
  } catch (error) {
    if (error instanceof WinnowError) throw error;
    throw broken(file, `is not a safetensors file (${messageOf(error)})`);
  } finally {
    await handle.close();
  }
}
