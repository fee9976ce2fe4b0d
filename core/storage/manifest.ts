import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { WinnowError } from "../base/errors.ts";
import { formatProblem, NewerFormat } from "../base/storedFormat.ts";

export const MANIFEST = "manifest.json";

/** Content of an artifact's `manifest.json`. */
export interface Manifest {
  schema: 1;
  stage: string;
  files: { path: string; bytes: number; sha256: string }[];
}

/** Files by whose existence a model is read one way or another. */
const DECIDES = /\.(json|onnx|safetensors)$/i;

/** Parses a manifest; null for an unknown format, and unless all of its files lie below its folder, by plain paths. */
export function parseManifest(text: string): Manifest | null {
  const value = parsed(text);
  return formatProblem(value) === null && isManifest(value) ? value : null;
}

/** The manifest at a place, from its text. Throws NewerFormat for one of a newer version, CorruptArtifact for no manifest. */
export function readManifest(place: string, text: string): Manifest {
  const value = parsed(text);
  const newer = formatProblem(value);
  if (newer !== null) throw new NewerFormat(place, newer);
  if (!isManifest(value)) throw new WinnowError("CorruptArtifact", `${place} is not a manifest`);
  return value;
}

function isManifest(value: unknown): value is Manifest {
  const { files } = (value ?? {}) as Partial<Manifest>;
  return Array.isArray(files) && files.every(isListed);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isListed(file: unknown): boolean {
  const { path, bytes, sha256 } = (file ?? {}) as Record<string, unknown>;
  if (typeof path !== "string" || typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return false;
  const plain = path.split("/").every((step) => step !== "" && step !== "." && step !== "..");
  return plain && !/[\\\0]/.test(path) && Number.isSafeInteger(bytes) && Number(bytes) >= 0;
}

/** A file in an artifact's folder that is not listed and could change how a model is read; null if there is none. */
export async function unlistedFile(folder: string, { files }: Manifest): Promise<string | null> {
  const listed = new Set([MANIFEST, ...files.map(({ path }) => path)]);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const path = relative(folder, file).split(sep).join("/");
    if (!entry.isDirectory() && DECIDES.test(path) && !listed.has(path)) return file;
  }
  return null;
}
