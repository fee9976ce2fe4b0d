import type { FileHandle } from "node:fs/promises";
import { messageOf, WinnowError } from "../base/errors.ts";

/** A tensor of a safetensors file: its element type, sizes, and bytes in the file. */
export interface TensorPlace {
  dtype: string;
  dims: number[];
  start: number;
  end: number;
}

/** Bytes of an element of the floating-point types that are read. */
export const FLOAT_WIDTHS: ReadonlyMap<string, 2 | 4> = new Map([
  ["F32", 4],
  ["F16", 2],
  ["BF16", 2],
]);

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Where each tensor of a safetensors file lies, by name, from its header alone, of which at most 100 MB are read. Throws
 * BadModel naming `file`, and the tensor that lies outside it or does not fit its shape.
 */
export async function tensorPlaces(handle: FileHandle, file: string): Promise<Map<string, TensorPlace>> {
  const { size } = await handle.stat();
  const prefix = await bytesAt(handle, 0, Math.min(size, LENGTH_BYTES));
  const length = prefix.length === LENGTH_BYTES ? Number(prefix.readBigUInt64LE()) : 0;
  if (length < 2 || length > MAX_HEADER_BYTES || LENGTH_BYTES + length > size) {
    throw bad(file, `is not a safetensors file, or is truncated (its header would have ${length} of ${size} bytes)`);
  }
  const entries = parseHeader((await bytesAt(handle, LENGTH_BYTES, length)).toString("utf8"), file);
  const data = LENGTH_BYTES + length;
  const places = new Map<string, TensorPlace>();
  for (const [name, entry] of Object.entries(entries)) {
    if (name === "__metadata__") continue;
    if (!isEntry(entry)) throw bad(file, `the safetensors header describes ${name} wrongly`);
    const { dtype, shape: dims } = entry;
    const [start, end] = [data + entry.data_offsets[0], data + entry.data_offsets[1]];
    const width = FLOAT_WIDTHS.get(dtype);
    const elements = dims.reduce((product, dim) => product * dim, 1);
    if (start > end || end > size || (width && end - start !== elements * width)) {
      throw bad(file, `tensor ${name} lies outside the file or does not fit its shape; the file may be truncated`);
    }
    places.set(name, { dtype, dims, start, end });
  }
  return places;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

function parseHeader(text: string, file: string): object {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header !== "object" || header === null) throw new Error("it is no object");
    return header;
  } catch (cause) {
    throw bad(file, `has no safetensors header (${messageOf(cause)})`, cause);
  }
}

function isEntry(value: unknown): value is HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = Object(value) as Partial<Record<keyof HeaderEntry, unknown>>;
  const sizes = (list: unknown): list is number[] => Array.isArray(list) && list.every(isSize);
  return typeof dtype === "string" && sizes(shape) && sizes(offsets) && offsets.length === 2;
}

function isSize(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, await readAt(handle, position, buffer));
}

/** Fills `bytes` from a position of a file. Returns the number of bytes read, which is lower at the file's end. */
export async function readAt(handle: FileHandle, position: number, bytes: Uint8Array): Promise<number> {
  let got = 0;
  while (got < bytes.length) {
    const { bytesRead } = await handle.read(bytes, got, bytes.length - got, position + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return got;
}

function bad(file: string, problem: string, cause?: unknown): WinnowError {
  return new WinnowError("BadModel", `${file}: ${problem}`, { cause });
}
