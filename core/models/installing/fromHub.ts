import { copyFile, link, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../base/canonical.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { lockFolder } from "../../storage/lock/folderLock.ts";
import { fetchFile } from "../hub/fetchFile.ts";
import type { HubCall, HubFile } from "../hub/hub.ts";
import type { DescribedRepository } from "../hub/repository.ts";
import { DOWNLOADS } from "./downloads.ts";
import type { ModelFiles } from "./modelFiles.ts";

/**
 * The files of a repository, fetched through a folder of the home in which an interrupted download is continued. `use`
 * takes them. They stay in that folder until `use` has succeeded, so that nothing is fetched twice. Throws Busy if another command fetches the same commit, and the errors of `fetchFile`.
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
  const fetchedName = ({ path, digest }: HubFile) => sha256(`${path} ${digest.hex}`).slice(0, 16);
  const find = (path: string) => {
    const file = files.find((each) => each.path === path);
    if (file) return { file, fetched: join(folder, fetchedName(file)) };
    throw new WinnowError("BadInput", `${name} has no ${path}`);
  };
  try {
    const used = await use({
      files,
      async take(path, to, onBytes) {
        const { file, fetched } = find(path);
        await fetchFile(call, { name, commit, file }, fetched, onBytes);
        await place(fetched, to);
      },
      async present(path) {
        const { fetched } = find(path);
        return Math.max(await sizeOf(fetched), await sizeOf(`${fetched}.part`));
      },
    });
    const names = new Set(files.map(fetchedName));
    const fetched = (await readdir(folder)).filter((each) => names.has(each.replace(/\.part$/, "")));
    // What stays is removed by gc.
    await Promise.all(fetched.map((each) => rm(join(folder, each), { force: true }).catch(() => {})));
    return used;
  } finally {
    await lock.free();
  }
}

/** A second name of the same bytes, or a copy on a disk that has no such names or is another one. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
