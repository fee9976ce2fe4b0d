import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { canonicalJson, sha256 } from "../../base/canonical.ts";
import { readJson } from "../../base/readJson.ts";
import { replaceFile } from "../../base/replaceFile.ts";

const textOrNone = z.string().nullable();
const keptSchema = z
  .object({
    /** Address after redirects. */
    url: z.string().refine((url) => URL.canParse(url)),
    /** Path of its file below the pages' folder; null for one with `noindex` or without HTML. */
    file: textOrNone,
    /** Why the page is left out; null if it is not. */
    left: textOrNone,
    /** SHA-256 of the file; "" for none. */
    sha256: z.string(),
    /** Size of the file. */
    bytes: z.number(),
    etag: textOrNone,
    lastModified: textOrNone,
    /** As the sitemap wrote it at the last visit. */
    lastmod: textOrNone,
    /** Time of the last visit, in milliseconds since 1970. */
    seen: z.number(),
  })
  .refine(({ file, left }) => (file === null) === (left !== null));

const stateSchema = z.object({
  version: z.literal(2),
  sitemap: z.string(),
  /** Start of a visit that has not ended; its pages are not asked for again. */
  since: z.number().nullable(),
  /** Pages that had a file after the last visit that ended. */
  size: z.number(),
  /** Outcome of the last visit that ended, for people. */
  report: z.string(),
  pages: z.array(z.tuple([z.string(), keptSchema])),
});

/** What is known of a page from its last visit. */
export type Kept = z.infer<typeof keptSchema>;
type State = z.infer<typeof stateSchema>;

/** Sites whose pages are kept; those visited longest ago are removed. */
const MAX_SITES = 16;
const UNFINISHED_MS = 24 * 3_600_000;

/** The pages of a site as last seen, in a folder of this machine. It only saves requests: it may be deleted. */
export class Mirror {
  /** By the address that the sitemap lists. */
  readonly pages: Map<string, Kept>;
  /** Pages that had a file after the last visit that ended; 0 for none. */
  readonly size: number;
  private lastReport: string;
  private readonly isFinished: boolean;

  private constructor(
    readonly folder: string,
    private readonly sitemap: string,
    known: State | null,
    /** Start of this visit, or of the one that it continues. */
    readonly since: number,
  ) {
    this.pages = new Map(known?.pages);
    this.size = known?.size ?? 0;
    this.lastReport = known?.report ?? "";
    this.isFinished = known?.since === null;
  }

  /** Opens the mirror of a sitemap's site below `cacheDir`, empty if there is none or it is damaged. */
  static async open(cacheDir: string, sitemap: string, now = Date.now()): Promise<Mirror> {
    const folder = join(cacheDir, "sites", sha256(sitemap).slice(0, 24));
    const { data: state } = stateSchema.safeParse(await readJson(join(folder, "state.json")));
    const known = state?.sitemap === sitemap ? state : null;
    const isUnfinished = known?.since != null && now - known.since < UNFINISHED_MS && known.since <= now;
    return new Mirror(folder, sitemap, known, isUnfinished ? known.since! : now);
  }

  get pagesFolder(): string {
    return join(this.folder, "pages");
  }

  get addressesFile(): string {
    return join(this.folder, "addresses.json");
  }

  /** Outcome of the last visit that ended, for people. */
  get report(): string {
    return this.lastReport;
  }

  /** Digest of the pages and their addresses. */
  digest(): string {
    const pages = [...this.pages.values()].flatMap(({ url, file, sha256: bytes }) =>
      file === null ? [] : [[file, url, bytes]],
    );
    return sha256(canonicalJson(pages.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1))));
  }

  /** True if the last visit ended and all its files are there. */
  async isWhole(): Promise<boolean> {
    if (!this.isFinished || this.pages.size === 0) return false;
    for (const page of this.pages.values()) if (!(await this.holds(page))) return false;
    return true;
  }

  /** Whether the file of a page is there as it was written. */
  async holds({ file, sha256: digest }: Kept): Promise<boolean> {
    if (file === null) return true;
    return readFile(join(this.pagesFolder, file)).then(
      (bytes) => sha256(bytes) === digest,
      () => false,
    );
  }

  async write(file: string, bytes: Buffer): Promise<void> {
    await replaceFile(join(this.pagesFolder, file), bytes);
  }

  async save({ finished }: { finished: boolean }): Promise<void> {
    const state: State = {
      version: 2,
      sitemap: this.sitemap,
      since: finished ? null : this.since,
      size: finished ? [...this.pages.values()].filter(({ file }) => file !== null).length : this.size,
      report: this.lastReport,
      pages: [...this.pages],
    };
    await replaceFile(join(this.folder, "state.json"), JSON.stringify(state));
  }

  /** Removes files of pages that are gone, writes the addresses, and removes the oldest other sites. */
  async finish(report: string): Promise<void> {
    this.lastReport = report;
    const wanted = new Map([...this.pages.values()].flatMap(({ file, url }) => (file === null ? [] : [[file, url]])));
    await mkdir(this.pagesFolder, { recursive: true });
    for (const entry of await readdir(this.pagesFolder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const name = path.slice(this.pagesFolder.length + 1).replaceAll("\\", "/");
      if (entry.isFile() && !wanted.has(name)) await rm(path, { force: true });
    }
    await replaceFile(this.addressesFile, JSON.stringify([...wanted]));
    await this.save({ finished: true });
    await prune(dirname(this.folder));
  }
}

async function prune(sites: string): Promise<void> {
  const found = await Promise.all(
    (await readdir(sites)).map(async (name) => {
      const file = await stat(join(sites, name, "state.json")).catch(() => null);
      return { name, at: file?.mtimeMs ?? 0 };
    }),
  );
  const old = found.sort((a, b) => b.at - a.at).slice(MAX_SITES);
  for (const { name } of old) await rm(join(sites, name), { recursive: true, force: true });
}
