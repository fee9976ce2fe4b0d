import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Precision } from "../../contracts/evaluation.ts";
import { TWIN_SCHEME } from "../onnx/quantize.ts";

const MAGIC = 0x31454e57; // "WNE1"
const HEADER_BYTES = 16;
const KEY_BYTES = 32;
const DIGEST_BYTES = 32;

/** Key of a passage's vector: SHA-256 of the model's input text, in hex. */
export function embeddingKey(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Folder of a model's vectors below the root of the caches. */
export function cacheName(modelDigest: string, precision: Precision): string {
  return precision === "float32" ? modelDigest : `${modelDigest}-${precision}-${TWIN_SCHEME}`;
}

/** Files beside the vectors of an int8 twin: its verdict, and the twin itself, which takes long to make. */
export const OF_TWIN = { verdict: "precision.json", model: "twin.onnx" };

/**
 * Caches vectors of one model by passage text, in segment files. A segment is written once under a temporary name and
 * then renamed, so existing segments are whole and a killed run resumes from them. Its layout is magic, dim, count, 0
 * as u32; keys; vectors as f32; SHA-256 of everything before. A damaged segment is deleted, and its passages are
 * embedded again.
 */
export class EmbeddingCache {
  constructor(
    private readonly folder: string,
    private readonly dim: number,
  ) {}

  /** Calls `found` once per wanted key that is cached, with its vector of [dim]. */
  async lookUp(wanted: ReadonlySet<string>, found: (key: string, vector: Float32Array) => void): Promise<void> {
    const missing = new Set(wanted);
    for (const path of await this.segments()) {
      if (missing.size === 0) return;
      await this.readSegment(
        path,
        (keys) => keys.some((key) => missing.has(key)),
        (key, vector) => {
          if (missing.delete(key)) found(key, vector());
        },
      );
    }
  }

  /** Calls `found` with every cached vector; a key may occur more than once. */
  async each(found: (key: string, vector: Float32Array) => void): Promise<void> {
    for (const path of await this.segments())
      await this.readSegment(
        path,
        () => true,
        (key, vector) => found(key, vector()),
      );
  }

  private async segments(): Promise<string[]> {
    await mkdir(this.folder, { recursive: true });
    const names = (await readdir(this.folder)).filter((file) => file.endsWith(".seg")).sort();
    return names.map((name) => join(this.folder, name));
  }

  /** Stores vectors [keys.length, dim]; returns the segment's name. */
  async append(keys: string[], vectors: Float32Array): Promise<string> {
    const header = Buffer.alloc(HEADER_BYTES);
    [MAGIC, this.dim, keys.length, 0].forEach((value, i) => {
      header.writeUInt32LE(value, i * 4);
    });
    const body = Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
    const bytes = Buffer.concat([header, Buffer.from(keys.join(""), "hex"), body]);
    const digest = createHash("sha256").update(bytes).digest();
    const name = `${digest.toString("hex").slice(0, 24)}.seg`;
    const path = join(this.folder, name);
    const temporary = `${path}.${process.pid}.tmp`;
    await mkdir(this.folder, { recursive: true });
    const file = await open(temporary, "w");
    try {
      await file.writeFile(Buffer.concat([bytes, digest]));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return name;
  }

  private async readSegment(
    path: string,
    wanted: (keys: string[]) => boolean,
    found: (key: string, vector: () => Float32Array) => void,
  ): Promise<void> {
    const segment = await readSegmentKeys(path);
    const keys = segment?.dim === this.dim ? segment.keys : null;
    if (keys !== null && !wanted(keys)) return;
    const bytes = keys === null ? null : await readFile(path);
    if (keys === null || bytes === null || !isWhole(bytes)) {
      await rm(path, { force: true });
      return;
    }
    const start = HEADER_BYTES + keys.length * KEY_BYTES;
    keys.forEach((key, row) => {
      const from = start + row * this.dim * 4;
      found(key, () => new Float32Array(Uint8Array.from(bytes.subarray(from, from + this.dim * 4)).buffer));
    });
  }
}

/** Keys of a segment and the length of its vectors; `null` if its size contradicts its header. */
export async function readSegmentKeys(path: string): Promise<{ dim: number; keys: string[] } | null> {
  const file = await open(path, "r");
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    await file.read(header, 0, HEADER_BYTES, 0);
    const [magic, dim, count] = [0, 4, 8].map((at) => header.readUInt32LE(at)) as [number, number, number];
    const size = HEADER_BYTES + count * (KEY_BYTES + dim * 4) + DIGEST_BYTES;
    if (magic !== MAGIC || (await file.stat()).size !== size) return null;
    const bytes = Buffer.alloc(count * KEY_BYTES);
    await file.read(bytes, 0, bytes.length, HEADER_BYTES);
    const keys = Array.from({ length: count }, (_, k) => bytes.toString("hex", k * KEY_BYTES, (k + 1) * KEY_BYTES));
    return { dim, keys };
  } finally {
    await file.close();
  }
}

/** True if a segment is whole and matches its own SHA-256. */
export async function isSoundSegment(path: string): Promise<boolean> {
  return (await readSegmentKeys(path)) !== null && isWhole(await readFile(path));
}

function isWhole(bytes: Buffer): boolean {
  const body = bytes.subarray(0, bytes.length - DIGEST_BYTES);
  return createHash("sha256").update(body).digest().equals(bytes.subarray(body.length));
}
