import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Inventory } from "./inventory.ts";

/**
 * Segments of scores whose model is in no kept artifact; a folder of segments is named by the digest of its model's
 * ONNX file.
 */
export async function unneededScores({ artifacts, scores }: Inventory, kept: ReadonlySet<string>): Promise<string[]> {
  if (scores.length === 0) return [];
  const models = new Set<string>();
  for (const { key, folder } of artifacts)
    if (kept.has(key) && key.startsWith("train/")) for (const { sha256 } of await filesOf(folder)) models.add(sha256);
  return scores.filter((segment) => !models.has(basename(dirname(segment)).split("-")[0]!));
}

async function filesOf(folder: string): Promise<{ sha256: string }[]> {
  const text = await readFile(join(folder, "manifest.json"), "utf8").catch(() => "{}");
  return (JSON.parse(text) as { files?: { sha256: string }[] }).files ?? [];
}
