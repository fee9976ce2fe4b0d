import { type FileHandle, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import { readModel } from "../../onnx/read.ts";
import { ELEMENT_CODES } from "../../onnx/schema.ts";
import { modelFile } from "../onnxFiles.ts";
import { FLOAT_WIDTHS, readAt, type TensorPlace, tensorPlaces } from "../tensorPlaces.ts";

const PIECE_BYTES = 1 << 22;

/** Exponent bits, all of which are set in infinities and in values that are no number. */
const EXPONENTS: Record<string, number> = { F32: 0x7f800000, F16: 0x7c00, BF16: 0x7f80 };

/**
 * Number of weights in a model folder, each of which is looked at. Throws BadModel naming the file and the tensor for
 * one that is not finite, lies outside its file, or does not fit its shape.
 */
export async function scanWeights(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name === "model.safetensors");
  let count = 0;
  for (const entry of files) count += await scanTensors(join(entry.parentPath ?? entry.path, entry.name));
  const own = files.some((entry) => (entry.parentPath ?? entry.path) === folder);
  return own ? count : count + (await scanExport(modelFile(folder)));
}

async function scanTensors(file: string): Promise<number> {
  const handle = await open(file);
  try {
    let count = 0;
    for (const [name, place] of await tensorPlaces(handle, file)) {
      const width = FLOAT_WIDTHS.get(place.dtype);
      if (!width) continue;
      if (!(await allFinite(handle, place, width))) throw notFinite(file, name);
      count += (place.end - place.start) / width;
    }
    return count;
  } finally {
    await handle.close();
  }
}

async function allFinite(handle: FileHandle, { start, end, dtype }: TensorPlace, width: 2 | 4): Promise<boolean> {
  const piece = new Uint8Array(PIECE_BYTES);
  const mask = EXPONENTS[dtype]!;
  for (let at = start; at < end; at += PIECE_BYTES) {
    const bytes = Math.min(PIECE_BYTES, end - at);
    if ((await readAt(handle, at, piece.subarray(0, bytes))) < bytes) return false;
    const values =
      width === 4 ? new Uint32Array(piece.buffer, 0, bytes / 4) : new Uint16Array(piece.buffer, 0, bytes / 2);
    for (const bits of values) if ((bits & mask) === mask) return false;
  }
  return true;
}

/** An export may hold infinities as constants, such as those that mask tokens. */
async function scanExport(file: string): Promise<number> {
  const { graph } = readModel(await readFile(file), file);
  let count = 0;
  for (const { name, elementCode, dims, raw } of graph.initializers) {
    if (elementCode !== ELEMENT_CODES.float32) continue;
    const values = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
    if (values.some(Number.isNaN)) throw notFinite(file, name);
    count += dims.reduce((product, dim) => product * dim, 1);
  }
  return count;
}

function notFinite(file: string, tensor: string): WinnowError {
  const problem = `tensor ${tensor} holds values that are no finite numbers: every result would be one of them`;
  return new WinnowError("BadModel", `${file}: ${problem}`);
}
