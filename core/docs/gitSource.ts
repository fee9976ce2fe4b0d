import { execFile, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { extract } from "tar";
import { sha256 } from "../base/canonical.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { lookAt } from "../base/given/files.ts";
import { CONTENT_MARKS, isBuilt, isByContent, isConfigFile, isPage, pagesAmong } from "./formats/index.ts";
import { isUnread } from "./formats/unread.ts";
import { MAX_FILES, MAX_SOURCE_BYTES } from "./sourceFile.ts";
import type { GitSpec } from "./sourceSpec.ts";

/** Environment variables and cancellation of git. */
export interface GitOptions {
  env: Record<string, string>;
  signal?: AbortSignal;
}

const ANSWER_MS = 60_000;
/** No hooks, helpers, redirects to another host, or password prompts. */
const GUARDED = [
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "protocol.ext.allow=never",
  "-c",
  "http.followRedirects=false",
];
const QUIET = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "https:ssh:file",
  GIT_SSH_COMMAND: "ssh -oBatchMode=yes",
  LC_ALL: "C",
};
/** Pages as committed: the repository's attributes cannot hide or rewrite a file. */
const ATTRIBUTES = "* -export-ignore -export-subst -text -ident -filter -working-tree-encoding\n";

/**
 * The commit that a source's ref points at now. Throws BadSource for an unknown ref, SourceUnavailable if git gets no
 * response.
 */
export async function resolveCommit({ url, ref }: GitSpec, options: GitOptions): Promise<string> {
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(ref)) return ref;
  const listed = await git(["ls-remote", ...(await remote(url)), "--", url], url, { ...options, timeout: ANSWER_MS });
  const commits = new Map(listed.split("\n").map((line) => line.split("\t").reverse() as [string, string]));
  const names = ref === "HEAD" ? ["HEAD"] : [`refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, ref];
  const found = names.map((name) => commits.get(name)).find((commit) => commit !== undefined);
  if (found) return found;
  throw new WinnowError(
    "BadSource",
    `${url} has no branch or tag ${ref}. Give an existing branch or tag, or a full commit id.`,
  );
}

/**
 * Writes a commit's Markdown files and generator configuration below `outDir`, as committed, without links and
 * submodules. Keeps the repository below `cacheDir`, so that the next commit fetches only what changed.
 * Throws BadSource, SourceUnavailable.
 */
export async function fetchPages(
  { url, commit }: { url: string; commit: string },
  folders: { cacheDir: string; outDir: string },
  options: GitOptions,
): Promise<void> {
  const repository = join(folders.cacheDir, `${sha256(url).slice(0, 24)}.git`);
  await mkdir(folders.cacheDir, { recursive: true });
  await git(["init", "--quiet", "--bare", repository], url, options);
  await mkdir(join(repository, "info"), { recursive: true });
  await writeFile(join(repository, "info", "attributes"), ATTRIBUTES);
  const have = await git(["-C", repository, "cat-file", "-e", `${commit}^{commit}`], url, options).then(
    () => true,
    () => false,
  );
  const how = ["--quiet", "--depth", "1", "--no-tags", "--no-recurse-submodules"];
  if (!have) await git(["-C", repository, "fetch", ...how, ...(await remote(url)), "--", url, commit], url, options);
  await unpack(repository, commit, folders.outDir, options);
}

/** For a git folder on this machine: git serves this folder alone, not one that it would find beside or in it. */
async function remote(url: string): Promise<string[]> {
  if (!isAbsolute(url)) return [];
  const head = await lookAt(join(url, "HEAD")).catch((error) => {
    throw new WinnowError("BadSource", `${url} cannot be read: HEAD ${messageOf(error)}`);
  });
  return head ? ["--upload-pack=git-upload-pack --strict"] : [];
}

/** Files of a commit whose content may make them pages. They are a few of all with their extensions. */
async function markedFiles(repository: string, commit: string, options: GitOptions): Promise<Set<string>> {
  const found = new Set<string>();
  for (const { extensions, mark } of CONTENT_MARKS) {
    const paths = extensions.map((extension) => `:(icase)*.${extension}`);
    const search = ["grep", "--text", "-lzE", "-e", mark, commit, "--", ...paths];
    const listed = await git(["-C", repository, ...search], repository, { ...options, nothing: 1 });
    for (const path of listed.split("\0")) found.add(path.slice(commit.length + 1));
  }
  return found;
}

async function unpack(repository: string, commit: string, outDir: string, options: GitOptions): Promise<void> {
  const marked = await markedFiles(repository, commit, options);
  await mkdir(outDir, { recursive: true });
  const child = spawn("git", [...GUARDED, "-C", repository, "archive", "--format=tar", commit], {
    env: { ...options.env, ...QUIET },
    signal: options.signal,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((settle, fail) => child.once("error", fail).once("close", settle));
  ended.catch(() => {});
  let [files, bytes, built] = [0, 0, 0];
  const pages: { path: string }[] = [];
  const filter = (path: string, entry: object) => {
    const { type, size } = entry as { type?: string; size?: number };
    const isKept = isConfigFile(path) || isUnread(path) || (isByContent(path) ? marked.has(path) : isPage(path));
    if (type !== "File" || !isKept) return false;
    pages.push({ path });
    if (isBuilt(path)) {
      built += size ?? 0;
      return built <= MAX_SOURCE_BYTES;
    }
    files += 1;
    bytes += size ?? 0;
    if (files <= MAX_FILES && bytes <= MAX_SOURCE_BYTES) return true;
    child.kill();
    return false;
  };
  try {
    await pipeline(child.stdout, extract({ cwd: outDir, filter, strict: true }));
  } catch (error) {
    throw new WinnowError("SourceUnavailable", `commit ${commit} could not be read: ${said || messageOf(error)}`);
  }
  // Built pages beside sources are not read, whatever their size.
  const cut = built > MAX_SOURCE_BYTES && pagesAmong(pages).some(({ path }) => isBuilt(path));
  if (files > MAX_FILES || bytes > MAX_SOURCE_BYTES || cut)
    throw new WinnowError(
      "BadSource",
      `commit ${commit} holds more than ${MAX_FILES} pages or ${MAX_SOURCE_BYTES} bytes of them.`,
    );
  if ((await ended) !== 0) throw new WinnowError("SourceUnavailable", `git archive of ${commit} failed: ${said}`);
}

/** Runs git. `nothing` is the exit code by which it says that it found nothing. */
async function git(
  args: string[],
  url: string,
  { env, signal, timeout, nothing }: GitOptions & { timeout?: number; nothing?: number },
): Promise<string> {
  // A repository here must not make git contact a host: a partial clone would.
  const allowed = isAbsolute(url) ? { GIT_ALLOW_PROTOCOL: "file" } : {};
  try {
    const run = { env: { ...env, ...QUIET, ...allowed }, signal, timeout, maxBuffer: 1 << 28 };
    return (await promisify(execFile)("git", [...GUARDED, ...args], run)).stdout;
  } catch (error) {
    if (signal?.aborted) throw new WinnowError("Cancelled", "reading the docs was cancelled");
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new WinnowError("BadSource", `${url} is a git repository, but git is not on PATH. Install git.`);
    const { stderr, code } = error as { stderr?: string; code?: unknown };
    if (nothing !== undefined && code === nothing) return "";
    const why = stderr?.trim().split("\n").at(-1) || messageOf(error);
    throw new WinnowError("SourceUnavailable", `${url} cannot be read: ${why}`);
  }
}
