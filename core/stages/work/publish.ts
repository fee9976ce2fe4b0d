import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MODEL_FOLDER_FILES } from "../../artifacts/reranker.ts";
import { syncPath } from "../../storage/storage.ts";

/**
 * Moves a finished model folder to its destination, where nothing appears before it is complete. A new folder is
 * renamed in one step. In an existing folder, the files replace an earlier model's one by one, and other files stay.
 */
export async function publishModel(draft: string, outDir: string): Promise<void> {
  try {
    await rename(draft, outDir);
  } catch (cause) {
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
    await replaceFiles(draft, outDir);
  }
  if (process.platform !== "win32") await syncPath(dirname(outDir));
}

async function replaceFiles(draft: string, outDir: string): Promise<void> {
  const written: string[] = [];
  for (const entry of await readdir(draft, { recursive: true })) {
    if ((await stat(join(draft, entry))).isFile()) written.push(entry);
  }
  for (const file of written) {
    await mkdir(dirname(join(outDir, file)), { recursive: true });
    await rename(join(draft, file), join(outDir, file));
  }
  for (const file of MODEL_FOLDER_FILES) if (!written.includes(file)) await rm(join(outDir, file), { force: true });
  await rm(draft, { recursive: true, force: true });
}
