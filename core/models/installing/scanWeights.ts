import { type FileHandle, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../../base/errors.ts";
import { readModel } from "../../onnx/read.ts";
import { ELEMENT_CODES } from "../../onnx/schema.ts";
import { modelFile } from "../onnxFiles.ts";

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
const PIECE_BYTES = 1 << 22;

/** Exponent bits, all of which are set in infinities and in values that are no number. */
const EXPONENTS: Record<string, { width: 2 | 4; mask: number }> = {
  F32: { width: 4, mask: 0x7f800000 },
  F16: { width: 2, mask: 0x7c00 },
  BF16: { width: 2, mask: 0x7f80 },
};

interface Tensor {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

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
    const { size } = await handle.stat();
    const { tensors, start } = await readHeader(handle, size, file);
    let count = 0;
    for (const [name, tensor] of Object.entries(tensors)) {
      const exponent = EXPONENTS[tensor.dtype];
      if (name === "__metadata__" || !exponent) continue;
      const elements = elementsOf(tensor);
      const [first, end] = tensor.data_offsets;
      if (first < 0 || end - first !== elements * exponent.width || start + end > size)
        throw bad(file, `tensor ${name} lies outside the file or does not fit its shape; the file may be truncated`);
      if (!(await allFinite(handle, start + first, start + end, exponent))) throw notFinite(file, name);
      count += elements;
    }
    return count;
  } finally {
    await handle.close();
  }
}

async function readHeader(
  handle: FileHandle,
  size: number,
  file: string,
): Promise<{ tensors: Record<string, Tensor>; start: number }> {
  const prefix = Buffer.alloc(LENGTH_BYTES);
  const { bytesRead } = await handle.read(prefix, 0, LENGTH_BYTES, 0);
  const length = bytesRead === LENGTH_BYTES ? Number(prefix.readBigUInt64LE()) : 0;
  if (length < 2 || length > MAX_HEADER_BYTES || LENGTH_BYTES + length > size)
    throw bad(file, `is not a safetensors file, or is truncated (its header would have ${length} of ${size} bytes)`);
  const text = Buffer.alloc(length);
  await handle.read(text, 0, length, LENGTH_BYTES);
  try {
    const tensors = JSON.parse(text.toString("utf8")) as Record<string, Tensor>;
    for (const [name, tensor] of Object.entries(tensors)) if (name !== "__metadata__") elementsOf(tensor);
    return { tensors, start: LENGTH_BYTES + length };
  } catch (cause) {
    throw bad(file, `has no safetensors header (${messageOf(cause)})`);
  }
}

function elementsOf({ shape, data_offsets: offsets }: Tensor): number {
  const whole = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
  if (!Array.isArray(shape) || !shape.every(whole) || offsets?.length !== 2 || !offsets.every(whole))
    throw new Error("a tensor without shape or place");
  return shape.reduce((product, dim) => product * dim, 1);
}

async function allFinite(
  handle: FileHandle,
  start: number,
  end: number,
  { width, mask }: { width: 2 | 4; mask: number },
): Promise<boolean> {
  const piece = new Uint8Array(PIECE_BYTES);
  for (let at = start; at < end; at += PIECE_BYTES) {
    const bytes = Math.min(PIECE_BYTES, end - at);
    for (let got = 0; got < bytes; ) {
      const { bytesRead } = await handle.read(piece, got, bytes - got, at + got);
      if (bytesRead === 0) return false;
      got += bytesRead;
    }
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
  return bad(file, `tensor ${tensor} holds values that are no finite numbers: every result would be one of them`);
}

function bad(file: string, problem: string): WinnowError {
  return new WinnowError("BadModel", `${file}: ${problem}`);
}
