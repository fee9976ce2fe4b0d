import { createHash } from "node:crypto";
import { readSource } from "./source.ts";

/** Digest of a docs source: paths and bytes of its pages, and the generator if it affects them. Throws BadSource. */
export async function sourceDigest(
  path: string,
): Promise<{ digest: string; kind: "folder" | "archive"; pages: number }> {
  const { kind, generator, files } = await readSource(path);
  const hash = createHash("sha256");
  for (const { path: page, bytes } of files) {
    hash.update(`${page}\0${bytes.length}\0`);
    hash.update(bytes);
  }
  if (generator !== null) hash.update(`${generator}\0`);
  return { digest: hash.digest("hex"), kind, pages: files.length };
}
