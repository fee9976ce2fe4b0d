import { copyFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../base/canonical.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { lockFolder } from "../../storage/lock/folderLock.ts";
import { fetchFile } from "../hub/fetchFile.ts";
import type { HubCall } from "../hub/hub.ts";
import type { DescribedRepository } from "../hub/repository.ts";
import { DOWNLOADS } from "./downloads.ts";
import type { ModelFiles } from "./modelFiles.ts";

/**
 * The files of a repository, fetched through a folder of the home in which an interrupted download is continued. `use`
 * takes them. Throws Busy if another command fetches the same commit, and the errors of `fetchFile`.
 */
export async function withHubFiles<T>(
  call: HubCall,
  { name, commit, files }: DescribedRepository,
  home: string,
  ctx: TaskContext,
  use: (files: ModelFiles) => Promise<T>,
): Promise<T> {
  const folder = join(home, DOWNLOADS, `${name.replace("/", "--")}-${commit.slice(0, 12)}`);
  const lock = await lockFolder(folder, ctx, { patienceMs: 0, doing: { what: "download", name } });
  try {
    return await use({
      files,
      async take(path, to, onBytes) {
        const file = files.find((each) => each.path === path);
        if (!file) throw new WinnowError("BadInput", `${name} has no ${path}`);
        // By its digest: the same part serves wherever the file lies.
        const fetched = join(folder, sha256(`${path} ${file.digest.hex}`).slice(0, 16));
        await fetchFile(call, { name, commit, file }, fetched, onBytes);
        await place(fetched, to);
      },
    });
  } finally {
    await lock.free();
  }
}

async function place(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EXDEV") throw error;
    await copyFile(from, to);
    await rm(from);
  });
}
