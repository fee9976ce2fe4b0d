import { dirname, join, resolve } from "node:path";
import { WinnowError } from "../base/errors.ts";
import { type Found, listGiven, lookAt, readGivenText, Unreadable } from "../base/given/files.ts";

/** Throws BadSource unless a place lies below the operator's folders; `what` names it. */
type Permit = (found: Found, what: string) => Promise<void>;

const SMALL = { maxBytes: 1_000_000 };
const MAX_ENTRIES = 200_000;
const MAX_DEPTH = 12;
/** In the order of git's own look-up for a path. */
const PLACES = [".git", ""];

/**
 * The git folder of a repository on this machine, after every file and link was followed by which it can point at
 * another place: a `.git` file, the common folder of worktrees, alternate object stores and symbolic links. Throws
 * BadSource where one of them leads out.
 */
export async function permitRepository(path: string, permit: Permit): Promise<string> {
  try {
    const folder = await gitFolder(path, permit);
    await permitGitFolder(folder, permit, new Set());
    return folder;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new WinnowError("BadSource", `docs.path: the repository ${path} cannot be checked: ${error.message}`);
  }
}

async function gitFolder(path: string, permit: Permit): Promise<string> {
  for (const place of PLACES) {
    const at = join(path, place);
    const found = await lookAt(at);
    if (found === null) continue;
    const folder = found.kind === "file" ? await pointedAt(at, "gitdir: ") : at;
    const real = await lookAt(folder);
    if (real?.kind !== "folder" || (await lookAt(join(folder, "HEAD"))) === null) continue;
    await permit(real, place === "" ? path : `${at} leads to ${real.real}`);
    return real.real;
  }
  throw new WinnowError("BadSource", `docs.path: ${path} is not a git repository`);
}

async function permitGitFolder(folder: string, permit: Permit, seen: Set<string>): Promise<void> {
  if (seen.has(folder)) return;
  seen.add(folder);
  if (seen.size > MAX_DEPTH)
    throw new WinnowError("BadSource", `docs.path: ${folder} is one of more than ${MAX_DEPTH} linked repositories`);
  await permitLinks(folder, permit, { left: MAX_ENTRIES }, 0);
  for (const name of ["config", "config.worktree"]) await permitConfig(join(folder, name));
  const common = join(folder, "commondir");
  if (await lookAt(common)) await follow(await pointedAt(common, ""), common, permit, seen);
  await permitAlternates(join(folder, "objects"), permit, seen);
}

/** A partial clone fetches what it lacks from the address in its configuration. */
async function permitConfig(file: string): Promise<void> {
  if (!(await lookAt(file))) return;
  if (/promisor|partialclone|^\s*\[\s*include/im.test(await readGivenText(file, SMALL)))
    throw new WinnowError("BadSource", `docs.path: ${file} names another source of objects or settings`);
}

async function permitAlternates(objects: string, permit: Permit, seen: Set<string>): Promise<void> {
  const file = join(objects, "info", "alternates");
  if (!(await lookAt(file))) return;
  const lines = (await readGivenText(file, SMALL)).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  for (const line of lines) {
    if (line.startsWith('"')) throw new WinnowError("BadSource", `docs.path: ${file} quotes a path, which is not read`);
    await follow(resolve(objects, line), file, permit, seen, (other) => permitAlternates(other, permit, seen));
  }
}

async function follow(
  place: string,
  from: string,
  permit: Permit,
  seen: Set<string>,
  then?: (place: string) => Promise<void>,
): Promise<void> {
  const found = await lookAt(place);
  if (found === null) return;
  await permit(found, `${from} leads to ${found.real}`);
  if (!then || !seen.has(found.real)) await permitGitFolder(found.real, permit, seen);
  if (then) await then(found.real);
}

/** Every symbolic link below a git folder must stay inside too: git follows those of objects and refs. */
async function permitLinks(folder: string, permit: Permit, budget: { left: number }, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) return;
  const entries = await listGiven(folder, budget.left);
  budget.left -= entries.length;
  for (const { name, kind } of entries) {
    const path = join(folder, name);
    if (kind === "folder") await permitLinks(path, permit, budget, depth + 1);
    if (kind !== "link") continue;
    const found = await lookAt(path);
    if (found) await permit(found, `${path} leads to ${found.real}`);
  }
}

/** The path that a small file holds, relative to its folder. */
async function pointedAt(file: string, prefix: string): Promise<string> {
  const text = (await readGivenText(file, SMALL)).replace(/[\r\n]+$/, "");
  if (!text.startsWith(prefix)) throw new WinnowError("BadSource", `docs.path: ${file} does not name a git folder`);
  return resolve(dirname(file), text.slice(prefix.length));
}
