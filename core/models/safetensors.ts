import { type FileHandle, open } from "node:fs/promises";
import { WinnowError } from "../base/errors.ts";
import { FLOAT_WIDTHS, tensorPlaces } from "./tensorPlaces.ts";

/** A float32 tensor in ordinary memory, row-major. */
export interface HostTensor {
  dims: number[];
  data: Float32Array;
}

const LENGTH_BYTES = 8;

/**
 * Reads every floating-point tensor of a safetensors file (F32, F16, BF16) as float32. Integer tensors, such as saved
 * position ids, are left out. Throws BadModel naming the file and the invalid tensor.
 */
export async function readSafetensors(file: string): Promise<Map<string, HostTensor>> {
  return reading(file, async (handle) => {
    const places = await tensorPlaces(handle, file);
    const bytes = await handle.readFile();
    const tensors = new Map<string, HostTensor>();
    for (const [name, { dtype, dims, start, end }] of places) {
      const width = FLOAT_WIDTHS.get(dtype);
      if (width) tensors.set(name, { dims, data: toFloat32(bytes, start, (end - start) / width, dtype) });
    }
    return tensors;
  });
}

/**
 * Shape of each tensor of a safetensors file, by name, from its header alone. Throws BadModel, also if the file is
 * shorter than its header says.
 */
export async function tensorShapes(file: string): Promise<Map<string, number[]>> {
  const places = await reading(file, (handle) => tensorPlaces(handle, file));
  return new Map([...places].map(([name, { dims }]) => [name, dims]));
}

async function reading<T>(file: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file).catch((cause) => {
    throw new WinnowError("BadModel", `${file} cannot be read`, { cause });
  });
  try {
    return await read(handle);
  } finally {
    await handle.close();
  }
}

/** Writes float32 tensors in the safetensors format, in the map's order. */
export async function writeSafetensors(file: string, tensors: Map<string, HostTensor>): Promise<void> {
  let end = 0;
  const header: Record<string, { dtype: "F32"; shape: number[]; data_offsets: [number, number] }> = {};
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
