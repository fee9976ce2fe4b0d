import { z } from "zod";

/**
 * Reference to an immutable artifact: a folder of files whose `manifest.json` lists the SHA-256 of each file. `sha256`
 * is the digest of that manifest, so it fixes every byte. `bytes` is the total size of the folder.
 */
export const artifactRefSchema = z.object({
  uri: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
});
export type ArtifactRef = z.infer<typeof artifactRefSchema>;
