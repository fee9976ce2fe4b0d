import { basename, dirname, join, posix } from "node:path";
import { WinnowError } from "../base/errors.ts";
import { listGiven, lookAt, readBeginning, readGiven, Unreadable } from "../base/given/files.ts";
import { readArchive } from "./archive.ts";
import {
  BEGINNING_BYTES,
  claims,
  isByContent,
  isConfigFile,
  isPage,
  isText,
  maxBytesOf,
  pagesAmong,
} from "./formats/index.ts";
import { adviceFor, isUnread } from "./formats/unread.ts";
import { generatorOf } from "./generator.ts";
import { type FoundFiles, MAX_FILES, MAX_SOURCE_BYTES, type SourceFile } from "./sourceFile.ts";

export interface DocsSource {
  kind: "folder" | "archive";
  /** Folder inside the source that paths are relative to; "" for the source itself. */
  root: string;
  /** Name of the format that publishes the pages, if a configuration file identifies it. */
  generator: string | null;
  files: SourceFile[];
}

/**
 * Reads the page files of a folder or `.tar.gz`, or one page file alone. Symbolic links inside are not followed.
 * Throws BadSource if there are none, or if an archive is unsafe.
 */
export async function readSource(path: string): Promise<DocsSource> {
  const entry = await lookAt(path).catch((error) => {
    throw unreadable(path, error);
  });
  if (!entry) throw new WinnowError("BadSource", `${path} does not exist. ${WHAT_TO_GIVE}`);
  const kind = isArchive(path) && entry.kind === "file" ? "archive" : "folder";
  const isAlone = kind === "folder" && entry.kind === "file" && isPage(basename(path));
  if (kind === "folder" && entry.kind !== "folder" && !isAlone)
    throw new WinnowError("BadSource", `${path} is neither a folder nor a .tar.gz nor a page. ${WHAT_TO_GIVE}`);
  const [folder, alone] = isAlone ? [dirname(path), basename(path)] : [path];
  const found = kind === "archive" ? await readArchive(path) : await readFolder(folder, alone);
  const { files: given, configs, unread } = found;
  const all = pagesAmong(given);
  if (all.length === 0 || (unread.length > all.length && all.every((file) => isText(file.path))))
    throw new WinnowError(
      "BadSource",
      `${path} holds no Markdown (.md) files or pages of another format that is read. ${adviceFor(unread)}`.trim(),
    );
  // A description of an API beside the docs must not move their root.
  const named = all.filter(({ path: page }) => !isByContent(page));
  const root = docsRoot((named.length > 0 ? named : all).map((file) => file.path));
  const inside = root === "" ? all : all.filter((file) => file.path.startsWith(`${root}/`));
  const files = inside.map((file) => ({ ...file, path: root === "" ? file.path : file.path.slice(root.length + 1) }));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { kind, root, generator: await generatorOf(configs, root, kind === "folder" ? folder : null), files };
}

export function isArchive(path: string): boolean {
  return /\.(tar\.gz|tgz)$/i.test(path);
}

const WHAT_TO_GIVE = "Give a folder or a .tar.gz of docs, or one page, such as an OpenAPI description.";

/** Names in a source's folders, pages or not. */
const MAX_ENTRIES = 1_000_000;

/** `alone`: the only file to read. Default: all pages of the folder. */
async function readFolder(root: string, alone?: string): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], configs: [], unread: [] };
  try {
    const paths = alone === undefined ? await namesIn(root, found) : [{ path: alone }];
    let bytes = 0;
    for (const { path } of pagesAmong(paths)) {
      const page = await readPage(root, path);
      if (page === null) continue;
      bytes += page.length;
      found.files.push({ path, bytes: page });
      if (found.files.length > MAX_FILES || bytes > MAX_SOURCE_BYTES)
        throw new WinnowError(
          "BadSource",
          `${root} holds more than ${MAX_FILES} pages or ${MAX_SOURCE_BYTES} bytes of them.`,
        );
    }
  } catch (error) {
    throw unreadable(root, error);
  }
  return found;
}

/** Paths of the files that may be pages. Adds those of other files that count. */
async function namesIn(root: string, { configs, unread }: FoundFiles): Promise<{ path: string }[]> {
  const paths: { path: string }[] = [];
  let left = MAX_ENTRIES;
  const visit = async (folder: string): Promise<void> => {
    const entries = await listGiven(join(root, folder), left);
    left -= entries.length;
    for (const { name, kind } of entries) {
      const path = posix.join(folder, name);
      if (kind === "folder" && !name.startsWith(".") && name !== "node_modules") await visit(path);
      if (kind === "file" && isConfigFile(path)) configs.push(path);
      if (kind === "file" && isPage(path)) paths.push({ path });
      else if (kind === "file" && isUnread(path)) unread.push(path);
    }
  };
  await visit("");
  return paths;
}

function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Unreadable)) return error;
  return new WinnowError("BadSource", `${path} cannot be read: it ${error.message}`, { cause: error });
}

/** A page's bytes; null if its content makes it none. Of an oversized page, only blanks, for ingest to refuse it. */
async function readPage(root: string, path: string): Promise<Buffer | null> {
  const file = join(root, path);
  const maxBytes = maxBytesOf(path);
  let claimed: boolean | null = !isByContent(path);
  try {
    if (!claimed) claimed = claims(path, await readBeginning(file, BEGINNING_BYTES));
    if (claimed === false) return null;
    const bytes = await readGiven(file, { maxBytes, follow: false });
    return claimed || claims(path, bytes) ? bytes : null;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    // What cannot be read may be any data file.
    if (!claimed) return null;
    if (error.code === "EFBIG") return Buffer.alloc(maxBytes + 1, 0x20);
    throw new Unreadable(error.code, `holds ${file}, which ${error.message}`);
  }
}

/**
 * The folder that page paths are relative to: the given folder if it holds `_index.md` or its own pages, otherwise
 * Hugo's `content/<language>/docs`, otherwise the one folder that holds all pages.
 */
export function docsRoot(paths: string[]): string {
  const indexed = new Set(paths.filter((path) => basename(path) === "_index.md").map((path) => folderOf(path)));
  if (indexed.has("")) return "";
  const inside = (root: string) => paths.filter((path) => path.startsWith(`${root}/`)).length;
  const hugo = [...indexed].filter((folder) => /(^|\/)content\/[^/]+\/docs$/.test(folder));
  const english = hugo.filter((folder) => /(^|\/)content\/en\/docs$/.test(folder));
  const best = (english.length > 0 ? english : hugo).sort((a, b) => inside(b) - inside(a))[0];
  if (best !== undefined) return best;
  const whole = [...indexed].filter((folder) => inside(folder) === paths.length).sort((a, b) => a.length - b.length)[0];
  return whole ?? commonFolder(paths);
}

function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === "." ? "" : folder;
}

function commonFolder(paths: string[]): string {
  let common = folderOf(paths[0] ?? "").split("/");
  for (const path of paths) {
    const parts = folderOf(path).split("/");
    let shared = 0;
    while (shared < common.length && common[shared] === parts[shared]) shared++;
    common = common.slice(0, shared);
  }
  return common.join("/");
}
