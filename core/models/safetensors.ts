import { type FileHandle, open, readFile } from "node:fs/promises";
import { WinnowError } from "../base/errors.ts";

/** A float32 tensor in ordinary memory, row-major. */
export interface HostTensor {
  dims: number[];
  data: Float32Array;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads every floating-point tensor of a safetensors file (F32, F16, BF16) as float32. Integer tensors, such as saved
 * position ids, are left out. Throws BadModel naming the file and the invalid tensor.
 */
export async function readSafetensors(file: string): Promise<Map<string, HostTensor>> {
  const bytes = await readFile(file).catch((cause) => {
    throw new WinnowError("BadModel", `${file} cannot be read`, { cause });
  });
  const { header, dataStart } = parseHeader(bytes, file);
  const tensors = new Map<string, HostTensor>();
  for (const [name, entry] of Object.entries(header)) {
    const width = WIDTHS[entry.dtype];
    if (!width) continue;
    const [first, end] = entry.data_offsets;
    const count = entry.shape.reduce((product, dim) => product * dim, 1);
    if (end - first !== count * width || first < 0 || dataStart + end > bytes.length) {
      throw outside(file, name);
    }
    tensors.set(name, { dims: entry.shape, data: toFloat32(bytes, dataStart + first, count, entry.dtype) });
  }
  return tensors;
}

/**
 * Shape of each tensor of a safetensors file, by name, from its header alone. Throws BadModel, also if the file is
 * shorter than its header says.
 */
export async function tensorShapes(file: string): Promise<Map<string, number[]>> {
  const handle = await open(file).catch((cause) => {
    throw new WinnowError("BadModel", `${file} cannot be read`, { cause });
  });
  try {
    const { size } = await handle.stat();
    const start = await readExactly(handle, 0, Math.min(size, LENGTH_BYTES));
    const length = start.length < LENGTH_BYTES ? 0 : Number(start.readBigUInt64LE(0));
    const bytes = await readExactly(handle, 0, LENGTH_BYTES + Math.min(length, MAX_HEADER_BYTES, size - LENGTH_BYTES));
    const { header, dataStart } = parseHeader(bytes, file);
    const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
    const cut = entries.find(
      ([
        ,
        {
          data_offsets: [, end],
        },
      ]) => dataStart + end > size,
    );
    if (cut) throw outside(file, cut[0]);
    return new Map(entries.map(([name, { shape }]) => [name, shape]));
  } finally {
    await handle.close();
  }
}

async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, length));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

function outside(file: string, name: string): WinnowError {
  return new WinnowError("BadModel", `${file}: tensor ${name} lies outside the file; the file may be truncated`);
}

/** Writes float32 tensors in the safetensors format, in the map's order. */
export async function writeSafetensors(file: string, tensors: Map<string, HostTensor>): Promise<void> {
  let end = 0;
  const header: Record<string, HeaderEntry> = {};
  for (const [name, { dims, data }] of tensors) {
    header[name] = { dtype: "F32", shape: dims, data_offsets: [end, (end += data.byteLength)] };
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(padded.length));
  const handle = await open(file, "w");
  try {
    await handle.writeFile(Buffer.concat([length, padded]));
    for (const { data } of tensors.values()) {
      await handle.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const WIDTHS: Record<string, number> = { F32: 4, F16: 2, BF16: 2 };

function parseHeader(bytes: Buffer, file: string): { header: Record<string, HeaderEntry>; dataStart: number } {
  const length = bytes.length >= LENGTH_BYTES ? Number(bytes.readBigUInt64LE(0)) : Number.POSITIVE_INFINITY;
  if (length > MAX_HEADER_BYTES || LENGTH_BYTES + length > bytes.length) {
    throw new WinnowError("BadModel", `${file} is not a safetensors file, or is truncated`);
  }
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString("utf8", LENGTH_BYTES, LENGTH_BYTES + length));
  } catch (cause) {
    throw new WinnowError("BadModel", `${file}: the safetensors header is not JSON`, { cause });
  }
  const { __metadata__: _, ...entries } = Object(header) as Record<string, unknown>;
  const bad = Object.entries(entries).find(([, entry]) => !isEntry(entry));
  if (bad) throw new WinnowError("BadModel", `${file}: the safetensors header describes ${bad[0]} wrongly`);
  return { header: entries as Record<string, HeaderEntry>, dataStart: LENGTH_BYTES + length };
}

function isEntry(value: unknown): value is HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = Object(value) as Partial<Record<keyof HeaderEntry, unknown>>;
  const sizes = (list: unknown): list is number[] => Array.isArray(list) && list.every(isSize);
  return typeof dtype === "string" && sizes(shape) && sizes(offsets) && offsets.length === 2;
}

function isSize(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function toFloat32(bytes: Buffer, start: number, count: number, dtype: string): Float32Array {
  if (dtype === "F32") {
    const at = bytes.byteOffset + start;
    if (at % 4 === 0) return new Float32Array(bytes.buffer, at, count);
    return new Float32Array(Uint8Array.prototype.slice.call(bytes, start, start + count * 4).buffer);
  }
  const convert = dtype === "F16" ? halfToFloat : brainToFloat;
  return Float32Array.from({ length: count }, (_, i) => convert(bytes.readUInt16LE(start + i * 2)));
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

function brainToFloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
