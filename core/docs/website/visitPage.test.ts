import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodePage } from "../decode.ts";
import { charsetOf } from "../formats/html/charset.ts";
import { SiteServer } from "./testing/siteServer.ts";
import { visitSite } from "./visitSite.ts";

let site: SiteServer;
let cacheDir: string;
beforeEach(async () => {
  site = await new SiteServer().start();
  cacheDir = mkdtempSync(join(tmpdir(), "winnow-page-"));
});
afterEach(async () => {
  await site.stop();
  rmSync(cacheDir, { recursive: true, force: true });
});

const visit = () => {
  const policy = { origins: [site.origin], pauseMs: 1, maxPages: 9 };
  return visitSite(`${site.origin}/sitemap.xml`, { cacheDir, policy, signal: new AbortController().signal });
};

describe("a page", () => {
  it.each([
    [{ body: '<meta name="robots" content="index, max-image-preview:none"><p>x' }, 1],
    [{ body: "<meta name='robots' content='nofollow,NOINDEX'><p>x" }, 0],
    [{ body: "<meta name=robots content=none><p>x" }, 0],
    [{ body: "<p>x", headers: { "x-robots-tag": "googlebot: noindex" } }, 1],
    [{ body: "<p>x", headers: { "x-robots-tag": "googlebot: nofollow, Winnow: noindex" } }, 0],
    [{ body: "<p>x", headers: { "x-robots-tag": "max-snippet: 0, none" } }, 0],
  ])("is left out if a rule for it is none or noindex: %j", async (page, kept) => {
    site.page("/a.html", "A", page);
    site.list({ "/a.html": null });
    expect((await visit()).counts).toMatchObject({ new: kept, left: 1 - kept });
  });

  it.each([
    ["text/html; charset=iso-8859-2", Buffer.from("<p>\xb3", "latin1"), "<p>ł"],
    [
      'text/html; charset="ISO-8859-2"',
      Buffer.from('<meta charset="utf-8"><p>\xb3', "latin1"),
      '<meta charset="utf-8"><p>ł',
    ],
    ["text/html;charset=utf-8", Buffer.from('<meta charset="iso-8859-1"><p>ł'), '<meta charset="iso-8859-1"><p>ł'],
    ["text/html; charset=utf-16le", Buffer.from("<p>ł", "utf16le"), "<p>ł"],
    ["text/html; charset=utf-8", Buffer.from("<p>\xe9", "latin1"), "<p>é"],
    ["text/html; charset=nonsense", Buffer.from("<p>ł"), "<p>ł"],
  ])("is read in the encoding that its server states: %s", async (type, body, text) => {
    site.page("/a.html", "A", { type, body });
    site.list({ "/a.html": null });
    const { mirror } = await visit();
    const kept = readFileSync(join(mirror.pagesFolder, "a.html"));
    expect(decodePage(kept, { charset: charsetOf })).toEqual({ text });
    expect((await visit()).counts).toMatchObject({ unchanged: 1 });
  });

  it("is kept whatever the length of its address, and one that leads to a file is not", async () => {
    const long = `/${"folder/".repeat(1_000)}a`;
    site.page("/a.html", "A");
    site.page(long, "Long");
    site.pages.set("/file.html", { status: 302, headers: { location: "file:///etc/passwd" } });
    site.list({ "/a.html": null, [long]: null, "/file.html": null });
    const { counts, mirror } = await visit();
    expect(counts).toMatchObject({ new: 2, failed: 1 });
    expect(mirror.report).toContain("it redirects to file:, which is not listed");
  });
});
