import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Passage } from "../../../contracts/passage.ts";
import { readJsonLines } from "../../base/jsonl.ts";
import { quietContext } from "../../base/progress.ts";
import { SiteServer } from "../../docs/website/testing/siteServer.ts";
import { visitSite } from "../../docs/website/visitSite.ts";
import { writeLongModel } from "../../models/testing/tinyModel.ts";
import { ingestDocs } from "./ingest.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-ingest-"));
  for (const name of ["docs", "tokenizer"]) await mkdir(join(folder, name));
  await writeLongModel(join(folder, "tokenizer"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = async (path: string, text: string | Buffer) => {
  await mkdir(dirname(join(folder, "docs", path)), { recursive: true });
  await writeFile(join(folder, "docs", path), text);
};
const ingest = (source = join(folder, "docs"), outDir = "out", context = quietContext()) =>
  ingestDocs({ source, outDir: join(folder, outDir), tokenizerDir: join(folder, "tokenizer") }, context);
const lines = <T>(file: string, outDir = "out") => readJsonLines<T>(join(folder, outDir, file));

describe("ingest", () => {
  it("cites the addresses that a site's pages were fetched from, and resolves links between them", async () => {
    const site = await new SiteServer().start();
    try {
      const body =
        '<!doctype html><title>Start</title><main><h1>Start</h1><p>First <a href="guide/setup">set it up</a>.</p></main>';
      site.pages.set("/docs", { body });
      site.page("/guide/setup", "Setup");
      site.list({ "/docs": null, "/guide/setup": null });
      const policy = { origins: [site.origin], pauseMs: 1, maxPages: 9 };
      const look = { cacheDir: folder, policy, signal: new AbortController().signal };
      const { mirror } = await visitSite(`${site.origin}/sitemap.xml`, look);
      const { pagesFolder: source, addressesFile: addresses } = mirror;
      const dirs = { outDir: join(folder, "out"), tokenizerDir: join(folder, "tokenizer") };
      await ingestDocs({ source, addresses, ...dirs }, quietContext());
      const passages = await lines<Passage>("passages.jsonl");
      expect(passages.map(({ url }) => url.replace(/#.*/, ""))).toEqual([
        `${site.origin}/docs`,
        `${site.origin}/guide/setup`,
      ]);
      expect(passages[1]!.text).toContain("Text of Setup");
      expect(await lines("links.jsonl")).toMatchObject([{ anchor: "set it up", targetPage: "guide/setup.html" }]);
    } finally {
      await site.stop();
    }
  });

  it("gives the same bytes from cached pages, and reads changed or damaged ones again", async () => {
    const file = join(folder, "pages", "docs.jsonl");
    const kept = async (outDir: string, code = "1") => {
      const cache = { file, code };
      const source = join(folder, "docs");
      const tokenizerDir = join(folder, "tokenizer");
      await ingestDocs({ source, outDir: join(folder, outDir), tokenizerDir, cache }, quietContext());
      const names = ["passages", "pages", "links"].map((name) => join(folder, outDir, `${name}.jsonl`));
      return Promise.all(names.map((name) => readFile(name, "utf8")));
    };
    await put("a.md", "---\ntitle: A\n---\nSee [the run](run.md#stop) now. {{< widget >}}\n");
    await put("run.md", "---\ntitle: Run\n---\nStart.\n\n## Stop\n\nEnd.\n");
    const first = await kept("first");
    const { ino } = await stat(file);
    expect(await kept("second")).toEqual(first);
    expect((await stat(file)).ino).toBe(ino);
    expect(await readFile(join(folder, "second/stats.json"), "utf8")).toContain('"widget": 1');
    await put("run.md", "---\ntitle: Run\n---\nStart.\n\n## Stop\n\nThe end.\n");
    const changed = await kept("third");
    expect(changed[0]).toContain("The end.");
    expect(await kept("fourth", "2")).toEqual(changed);
    await writeFile(file, (await readFile(file, "utf8")).replace("Start.", "Stale."));
    expect(await kept("fifth", "2")).toEqual(changed);
  });

  it("writes passages, pages, links, quarantine and stats", async () => {
    await put("_index.md", "---\ntitle: Home\n---\nSee [the run](a/run.md#stop) now. {{< widget >}}\n");
    await put("a/run.md", "---\ntitle: Run\n---\nStart.\n\n## Stop\n\nEnd.\n");
    await put("bad.md", Buffer.from([0xc3, 0x28]));
    await put("deep.md", `x\n\n${"<div>".repeat(10_000)}`);
    await put("draft.md", "---\ntitle: Soon\ndraft: true\n---\nx\n");
    const report = await ingest();
    expect(report).toMatchObject({
      pages: 2,
      passages: 3,
      quarantined: 2,
      drafts: 1,
      links: 1,
      missing: { widget: 1 },
    });
    expect((await lines<Passage>("passages.jsonl")).map(({ page, url, text }) => [page, url, text])).toEqual([
      ["_index.md", "/", "See the run now. (widget)"],
      ["a/run.md", "/a/run/", "Start."],
      ["a/run.md", "/a/run/#stop", "End."],
    ]);
    expect(await lines("pages.jsonl")).toMatchObject([
      { page: "_index.md", title: "Home", passages: 1, lines: 5 },
      { page: "a/run.md", title: "Run", passages: 2, lines: 9 },
    ]);
    expect(await lines("links.jsonl")).toMatchObject([
      { page: "_index.md", anchor: "the run", targetPage: "a/run.md", targetHeading: "Stop", targetAnchor: "stop" },
    ]);
    expect(await lines("quarantine.jsonl")).toEqual([
      { page: "bad.md", reason: "not valid UTF-8" },
      { page: "deep.md", reason: "is nested too deeply" },
    ]);
    const { seconds: _seconds, ...stats } = report;
    expect(JSON.parse(await readFile(join(folder, "out/stats.json"), "utf8"))).toEqual(stats);
  });

  it("gives equal bytes for equal docs", async () => {
    for (let i = 0; i < 30; i++) await put(`p${i}.md`, `# Page ${i}\n\nSee [next](p${i + 1}.md).\n`);
    await ingest();
    await ingest(undefined, "again");
    for (const file of await readdir(join(folder, "out")))
      expect(await readFile(join(folder, "again", file))).toEqual(await readFile(join(folder, "out", file)));
  });

  it("links to the sections of a MkDocs site as MkDocs does", async () => {
    await put("mkdocs.yml", "site_name: x\n");
    await put("docs/a.md", "# A\n\n## Pods & Nodes\n\nx\n");
    await put("docs/b.md", "See [pods](a.md#pods-nodes).\n");
    await ingest();
    expect((await lines<Passage>("passages.jsonl")).map(({ url }) => url)).toEqual(["/a/#pods-nodes", "/b/"]);
    await ingest(join(folder, "docs/docs"), "again");
    expect(await lines("links.jsonl", "again")).toMatchObject([{ targetHeading: "Pods & Nodes" }]);
    await rm(join(folder, "docs/mkdocs.yml"));
    await ingest();
    expect((await lines<Passage>("passages.jsonl"))[0]!.url).toBe("/a/#pods--nodes");
  });

  it("accepts a folder with one page", async () => {
    await put("only.md", "Just text.\n");
    expect(await ingest()).toMatchObject({ pages: 1, passages: 1 });
  });

  it("fails when too many pages cannot be read, naming some, and leaves nothing", async () => {
    for (let i = 0; i < 4; i++) await put(`bad${i}.md`, "---\ntitle: [\n---\n");
    for (let i = 0; i < 4; i++) await put(`good${i}.md`, "x\n");
    await expect(ingest()).rejects.toMatchObject({
      code: "TooManyBadPages",
      message: expect.stringMatching(/4 of 8 pages.*bad0\.md: front matter is not valid YAML/),
    });
    expect(await readdir(folder)).not.toContain("out");
  });

  it("fails on a source that is missing, empty, all drafts, or one file", async () => {
    await expect(ingest(join(folder, "nope"))).rejects.toMatchObject({ code: "BadSource" });
    await expect(ingest()).rejects.toMatchObject({ code: "BadSource" });
    await put("draft.md", "---\ndraft: true\n---\nx\n");
    await expect(ingest()).rejects.toMatchObject({ code: "BadSource", message: expect.stringContaining("draft") });
    await expect(ingest(join(folder, "docs/draft.md"))).rejects.toMatchObject({ code: "BadSource" });
    await rm(join(folder, "docs/draft.md"));
    await put("bad.md", Buffer.from([0]));
    await expect(ingest()).rejects.toMatchObject({ code: "TooManyBadPages" });
  });

  it("stops when cancelled, and leaves nothing", async () => {
    for (let i = 0; i < 60; i++) await put(`p${i}.md`, "x\n");
    const stop = new AbortController();
    const progress = () => stop.abort();
    await expect(ingest(undefined, "out", { ...quietContext(), progress, signal: stop.signal })).rejects.toMatchObject({
      code: "Cancelled",
    });
    expect(await readdir(folder)).not.toContain("out");
  });
});
