import { z } from "zod";

/**
 * Reference to an immutable artifact: a folder of files whose `manifest.json` lists each file's SHA-256.
 * `sha256` is the digest of that manifest, so it fixes every byte; `bytes` is the folder's total size.
 */
export const artifactRefSchema = z.object({
  uri: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
});
export type ArtifactRef = z.infer<typeof artifactRefSchema>;
