import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export const MANIFEST = "manifest.json";

/** Content of an artifact's `manifest.json`. */
export interface Manifest {
  schema: 1;
  stage: string;
  files: { path: string; bytes: number; sha256: string }[];
}

/** Files by whose existence a model is read one way or another. */
const DECIDES = /\.(json|onnx|safetensors)$/i;

/** Parses a manifest; null unless all of its files lie below its folder, by plain paths. */
export function parseManifest(text: string): Manifest | null {
  try {
    const { files } = JSON.parse(text) as Partial<Manifest>;
    return Array.isArray(files) && files.every(isListed) ? JSON.parse(text) : null;
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
