import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { replaceFile } from "../base/replaceFile.ts";
import type { PlacedLink } from "./links.ts";
import type { Page } from "./page.ts";
import type { passagesOf } from "./passages.ts";
import type { StoredPassage } from "./windows.ts";

/** Cached part of a page: links without their page and passage, sections without their text. */
interface ReadPage {
  passages: StoredPassage[];
  links: Omit<PlacedLink, "page" | "text">[];
  sections: { anchor: string; heading: string[] }[];
}

export type PassagesOfPage = Pick<ReturnType<typeof passagesOf>, "passages" | "links"> & Pick<ReadPage, "sections">;

/**
 * The passages of a corpus's pages from its last ingest. Unchanged pages are not parsed again. One file holds them,
 * starts with its SHA-256 and is replaced whole. A damaged or missing file costs only parsing time.
 */
export class PageCache {
  private readonly kept = new Map<string, ReadPage>();
  private fresh = 0;

  private constructor(
    private readonly file: string | null,
    private readonly known: Map<string, ReadPage>,
  ) {}

  /** @param file `null` disables the cache. */
  static async open(file: string | null): Promise<PageCache> {
    const text = file === null ? "" : await readFile(file, "utf8").catch(() => "");
    const [digest, ...lines] = text.split("\n");
    const body = lines.join("\n");
    if (digest !== digestOf(body)) return new PageCache(file, new Map());
    const entries: [string, ReadPage][] = lines.filter(Boolean).map((line) => JSON.parse(line));
    return new PageCache(file, new Map(entries));
  }

  /**
   * The cached passages of a page whose text after expansion is `body`, or those that `read` returns. `rest` identifies
   * everything else that passages depend on: sizes, tokenizer, base URL and code.
   */
  take(page: Page, body: string, rest: string, read: () => PassagesOfPage): PassagesOfPage {
    const { path, title, description, offset } = page;
    const key = digestOf(JSON.stringify([path, title, description, offset, body, rest]));
    const known = this.known.get(key);
    if (known === undefined) this.fresh++;
    const made = known ?? plain(read());
    this.kept.set(key, made);
    const texts = new Map(made.passages.map(({ id, text }) => [id, text]));
    return { ...made, links: made.links.map((link) => ({ ...link, page, text: texts.get(link.passageId)! })) };
  }

  /** Replaces the file with the pages of this ingest if any is new. */
  async save(): Promise<void> {
    if (this.file === null || (this.fresh === 0 && this.kept.size === this.known.size)) return;
    const body = [...this.kept].map((entry) => `${JSON.stringify(entry)}\n`).join("");
    await replaceFile(this.file, `${digestOf(body)}\n${body}`, { flush: true });
  }
}

function plain({ passages, links, sections }: PassagesOfPage): ReadPage {
  return {
    passages,
    links: links.map(({ page: _page, text: _text, ...link }) => link),
    sections: sections.map(({ anchor, heading }) => ({ anchor, heading })),
  };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
