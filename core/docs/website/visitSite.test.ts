import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Mirror } from "./mirror.ts";
import { SiteServer } from "./testing/siteServer.ts";
import { visitSite } from "./visitSite.ts";

type State = { sitemap: string };

let site: SiteServer;
let cacheDir: string;
beforeEach(async () => {
  site = await new SiteServer().start();
  cacheDir = mkdtempSync(join(tmpdir(), "winnow-site-"));
});
afterEach(async () => {
  await site.stop();
  rmSync(cacheDir, { recursive: true, force: true });
});

const visit = (more: { origins?: string[]; maxPages?: number; pauseMs?: number; signal?: AbortSignal } = {}) => {
  const { origins = [site.origin], maxPages = 100, pauseMs = 1, signal = new AbortController().signal } = more;
  return visitSite(`${site.origin}/sitemap.xml`, { cacheDir, policy: { origins, pauseMs, maxPages }, signal });
};
const files = (mirror: Mirror) => [...mirror.pages.values()].flatMap(({ file }) => file ?? []).sort();

describe("a visit", () => {
  it("keeps the HTML pages that sitemap, robots.txt and the pages themselves allow, one request at a time", async () => {
    site.pages.set("/robots.txt", { body: "User-agent: *\nDisallow: /\n\nUser-agent: Winnow\nDisallow: /private*\n" });
    site.page("/", "Home");
    site.page("/guide/", "Guide");
    site.page("/guide/setup", "Setup");
    site.page("/hidden.html", "Hidden", { body: '<meta content="noindex, nofollow" name="robots"><p>x' });
    site.page("/none.html", "None", { headers: { "x-robots-tag": "noindex" } });
    site.pages.set("/a.pdf", { type: "application/pdf", body: "%PDF" });
    site.list({
      "/": null,
      "/guide/": null,
      "/guide/setup#x": null,
      "/hidden.html": null,
      "/none.html": null,
      "/a.pdf": null,
      "/private.html": null,
      "https://elsewhere.example/": null,
    });
    const { mirror, counts } = await visit({ pauseMs: 20 });
    expect(counts).toEqual({ new: 3, unchanged: 0, changed: 0, gone: 0, left: 3, failed: 0 });
    expect(files(mirror)).toEqual(["guide/index.html", "guide/setup.html", "index.html"]);
    expect(readFileSync(join(mirror.pagesFolder, "guide/setup.html"), "utf8")).toContain("Text of Setup");
    expect(JSON.parse(readFileSync(mirror.addressesFile, "utf8"))).toContainEqual([
      "guide/setup.html",
      `${site.origin}/guide/setup`,
    ]);
    expect(site.requests.every(({ headers }) => headers["user-agent"] === "winnow")).toBe(true);
    const gaps = site.requests.slice(1).map(({ at }, i) => at - site.requests[i]!.at);
    expect(Math.min(...gaps)).toBeGreaterThan(15);
    expect(site.atOnce).toBe(1);
    expect(site.asked()).not.toContain("/private.html");
  });

  it("asks again only for pages that may have changed, and gives the same digest if none has", async () => {
    site.page("/a.html", "A", { etag: '"1"' });
    site.page("/b.html", "B");
    site.page("/c.html", "C");
    site.list({ "/a.html": null, "/b.html": "2020-01-01", "/c.html": "2999-01-01" });
    const before = (await visit()).mirror.digest();
    site.asked();
    const again = await visit();
    expect([again.mirror.digest(), again.counts]).toEqual([before, expect.objectContaining({ unchanged: 3 })]);
    expect(site.asked()).toEqual(["/robots.txt", "/sitemap.xml", "/a.html", "/c.html"]);
  });

  it("takes changed pages, and removes those that are gone or no longer listed", async () => {
    for (const name of ["a", "b", "c", "d"]) site.page(`/${name}.html`, name, { etag: `"${name}"` });
    site.list({ "/a.html": null, "/b.html": null, "/c.html": null, "/d.html": "2020-01-01" });
    const before = (await visit()).mirror.digest();
    site.page("/a.html", "A new text", { etag: '"2"' });
    site.pages.delete("/b.html");
    site.list({ "/a.html": null, "/b.html": null, "/d.html": "2020-02-01" });
    const { mirror, counts } = await visit();
    expect(mirror.digest()).not.toBe(before);
    expect(counts).toMatchObject({ changed: 1, gone: 1, unchanged: 1 });
    expect(files(mirror)).toEqual(["a.html", "d.html"]);
    expect(["b.html", "c.html"].some((file) => existsSync(join(mirror.pagesFolder, file)))).toBe(false);
  });

  it("reads sitemaps of an index, packed ones too, and refuses what is none, a bomb, and too many pages", async () => {
    site.page("/a.html", "A");
    site.list({ "/a.html": null });
    const list = site.pages.get("/sitemap.xml")!.body as string;
    site.pages.set("/pages.xml.gz", { type: "application/gzip", body: gzipSync(list) });
    const index = (...paths: string[]) =>
      site.pages.set("/sitemap.xml", {
        body: `<sitemapindex>${paths.map((path) => `<sitemap><loc><![CDATA[${site.origin}${path}]]></loc></sitemap>`).join("")}</sitemapindex>`,
      });
    index("/pages.xml.gz");
    expect(files((await visit()).mirror)).toEqual(["a.html"]);
    site.pages.set("/bomb.xml.gz", { body: gzipSync(Buffer.alloc(60_000_000, " ")) });
    index("/bomb.xml.gz");
    await expect(visit()).rejects.toMatchObject({
      code: "BadSource",
      message: expect.stringContaining("cannot be unpacked"),
    });
    site.pages.set("/sitemap.xml", { body: "<html><body>Not here</body></html>" });
    await expect(visit()).rejects.toThrow(/it is no sitemap/);
    site.list(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`/${i}.html`, null])));
    await expect(visit()).rejects.toThrow(/more than 100 pages \(WINNOW_SITE_PAGES\)/);
  });

  it("follows redirects to listed hosts alone, and keeps one page of each address", async () => {
    const other = await new SiteServer().start();
    try {
      other.page("/secret.html", "Secret");
      site.page("/new.html", "New");
      const to = (location: string) => ({ status: 301, headers: { location } });
      site.pages.set("/old.html", to("/new.html"));
      site.pages.set("/away.html", to(`${other.origin}/secret.html`));
      site.pages.set("/loop.html", to("/loop.html"));
      site.list({ "/old.html": null, "/new.html": null, "/away.html": null, "/loop.html": null });
      const { mirror, counts } = await visit();
      expect(counts).toMatchObject({ new: 1, left: 1, failed: 2 });
      expect([...mirror.pages.values()].filter(({ file }) => file !== null)).toMatchObject([
        { url: `${site.origin}/new.html`, file: "new.html" },
      ]);
      expect(other.requests).toEqual([]);
      const both = await visit({ origins: [site.origin, other.origin] });
      expect(files(both.mirror)).toContain(`${other.origin.slice("http://".length).replace(":", "_")}/secret.html`);
    } finally {
      await other.stop();
    }
  });

  it("takes a page again once the page that stood for it is no longer listed", async () => {
    site.pages.set("/old.html", { status: 301, headers: { location: "/new.html" } });
    site.page("/new.html", "New", { etag: '"1"' });
    site.list({ "/old.html": null, "/new.html": null });
    expect((await visit()).counts).toMatchObject({ new: 1, left: 1 });
    expect((await visit()).counts).toMatchObject({ unchanged: 1, left: 1 });
    site.list({ "/new.html": null });
    expect(files((await visit()).mirror)).toEqual(["new.html"]);
  });

  it("follows no redirect to a page that robots.txt of its host excludes, and drops one that it kept", async () => {
    const other = await new SiteServer().start();
    try {
      const origins = [site.origin, other.origin];
      for (const path of ["/open.html", "/private.html"]) other.page(path, path);
      other.pages.set("/robots.txt", { body: "User-agent: *\nDisallow: /private" });
      for (const path of ["/open.html", "/private.html"])
        site.pages.set(path, { status: 302, headers: { location: other.origin + path } });
      site.list({ "/open.html": "2020-01-01", "/private.html": null });
      expect((await visit({ origins })).counts).toMatchObject({ new: 1, left: 1 });
      expect(other.asked().sort()).toEqual(["/open.html", "/robots.txt"]);
      other.pages.set("/robots.txt", { body: "User-agent: *\nDisallow: /" });
      const { mirror, counts } = await visit({ origins });
      expect([files(mirror), counts]).toEqual([[], expect.objectContaining({ left: 2 })]);
      other.pages.set("/robots.txt", { status: 503 });
      expect((await visit({ origins })).counts).toMatchObject({ failed: 2 });
    } finally {
      await other.stop();
    }
  });

  it("is refused for a host that is not listed, and waits while robots.txt cannot be read", async () => {
    await expect(visit({ origins: ["https://docs.example"] })).rejects.toThrow(
      /is not one of https:\/\/docs.example. Add its host to WINNOW_SITE_HOSTS/,
    );
    await expect(visit({ origins: [] })).rejects.toThrow(
      /is not allowed, as no host is\. Add its host to WINNOW_SITE_HOSTS/,
    );
    expect(site.requests).toEqual([]);
    site.pages.set("/robots.txt", { status: 503 });
    await expect(visit()).rejects.toMatchObject({
      code: "SourceUnavailable",
      message: expect.stringContaining("robots.txt cannot be read: it answered 503"),
    });
  });

  it("waits as a host asks, asks again, and fails as a whole if many pages fail; the next visit goes on", async () => {
    const paths = Array.from({ length: 8 }, (_, i) => `/${i}.html`);
    for (const path of paths) site.page(path, path);
    site.list(Object.fromEntries(paths.map((path) => [path, null])));
    const before = (await visit()).mirror;
    for (const path of paths.slice(4)) site.pages.set(path, { status: 500 });
    site.asked();
    await expect(visit()).rejects.toMatchObject({
      code: "SourceUnavailable",
      message: expect.stringMatching(/4 of its 8 pages could not be read .*answered 500/),
    });
    expect(site.asked().filter((path) => path === "/4.html")).toHaveLength(4);
    for (const path of paths) site.page(path, path);
    site.pages.set("/5.html", { status: 429, headers: { "retry-after": "0" } });
    const { mirror, counts } = await visit();
    expect(counts).toMatchObject({ unchanged: 7, failed: 1 });
    expect(mirror.digest()).toBe(before.digest());
    expect(site.asked()).not.toContain("/0.html");
  });

  it("fails if most pages of the last visit are lost, until their folder is deleted", async () => {
    const paths = Array.from({ length: 8 }, (_, i) => `/${i}.html`);
    const list = (of: string[]) => site.list(Object.fromEntries(of.map((path) => [path, null])));
    for (const path of paths) site.page(path, path);
    list(paths);
    await visit();
    list(paths.slice(0, 3));
    site.asked();
    const shrunk = {
      code: "SourceUnavailable",
      message: expect.stringMatching(/only 3 pages are left of the 8 .*delete/),
    };
    await expect(visit()).rejects.toMatchObject(shrunk);
    expect(site.asked()).toEqual(["/robots.txt", "/sitemap.xml"]);
    list(paths);
    for (const path of paths.slice(3)) site.page(path, path, { headers: { "x-robots-tag": "noindex" } });
    await expect(visit()).rejects.toMatchObject(shrunk);
    await expect(visit()).rejects.toMatchObject(shrunk);
    rmSync((await Mirror.open(cacheDir, `${site.origin}/sitemap.xml`)).folder, { recursive: true });
    expect((await visit()).counts).toMatchObject({ new: 3, left: 5 });
  });

  it("reports what became of the pages, also of those that it left out earlier", async () => {
    for (const path of ["/a.html", "/b.html", "/c.html"]) site.page(path, path);
    site.page("/hidden.html", "Hidden", { headers: { "x-robots-tag": "none" }, etag: '"1"' });
    site.pages.set("/a.pdf", { type: "application/pdf", body: "%PDF" });
    site.pages.set("/old.html", { status: 301, headers: { location: "/a.html" } });
    site.pages.set("/gone.html", { status: 410 });
    site.pages.set("/bad.html", { status: 403 });
    const paths = ["a.html", "b.html", "hidden.html", "a.pdf", "old.html", "gone.html", "bad.html"];
    site.list(Object.fromEntries(paths.map((path) => [`/${path}`, null])));
    const rest =
      `1 gone, 1 failed (${site.origin}/bad.html: it answered 403), ` +
      "3 left out (1 noindex, 1 no HTML, 1 address of another page)";
    expect((await visit()).mirror.report).toBe(`2 new, ${rest}`);
    site.page("/b.html", "B");
    expect((await visit()).mirror.report).toBe(`1 unchanged, 1 changed, ${rest}`);
    expect((await Mirror.open(cacheDir, `${site.origin}/sitemap.xml`)).report).toContain("1 changed");
  });

  it("stops when it is cancelled, and asks for the rest alone afterwards", async () => {
    for (const name of ["a", "b", "c"]) site.page(`/${name}.html`, name);
    site.list({ "/a.html": null, "/b.html": null, "/c.html": null });
    const stop = new AbortController();
    const policy = { origins: [site.origin], pauseMs: 1, maxPages: 9 };
    const onProgress = ({ step }: { step: number }) => step === 2 && stop.abort();
    const first = visitSite(`${site.origin}/sitemap.xml`, { cacheDir, policy, signal: stop.signal, onProgress });
    await expect(first).rejects.toMatchObject({ code: "Cancelled" });
    site.asked();
    expect(files((await visit()).mirror)).toHaveLength(3);
    expect(site.asked()).toEqual(["/robots.txt", "/sitemap.xml", "/c.html"]);
  });

  it("keeps pages whose addresses differ by case, or by an empty step, in files of their own", async () => {
    const paths = ["/a/b", "/a/B", "/a//b", "/a/_/b"];
    for (const path of paths) site.page(path, path, { etag: `"${path}"` });
    site.list(Object.fromEntries(paths.map((path) => [path, null])));
    await visit();
    const { mirror, counts } = await visit();
    expect(counts).toMatchObject({ unchanged: 4 });
    expect(new Set(files(mirror).map((file) => file.toLowerCase())).size).toBe(4);
    expect(await (await Mirror.open(cacheDir, `${site.origin}/sitemap.xml`)).isWhole()).toBe(true);
  });

  it.each([
    ["null", () => null],
    ["no entries", (state: State) => ({ ...state, pages: {} })],
    ["an entry that is null", (state: State) => ({ ...state, pages: [null] })],
    ["a page that is null", (state: State) => ({ ...state, pages: [[state.sitemap, null]] })],
    ["a page without its file", (state: State) => ({ ...state, pages: [[state.sitemap, { url: state.sitemap }]] })],
    ["a time that is none", (state: State) => ({ ...state, since: "now" })],
  ])("starts anew if what is known of its pages is damaged: %s", async (_, damaged) => {
    site.page("/a.html", "A");
    site.list({ "/a.html": null });
    const { mirror } = await visit();
    const file = join(dirname(mirror.pagesFolder), "state.json");
    writeFileSync(file, JSON.stringify(damaged(JSON.parse(readFileSync(file, "utf8")))));
    expect(await (await Mirror.open(cacheDir, `${site.origin}/sitemap.xml`)).isWhole()).toBe(false);
    expect((await visit()).counts).toMatchObject({ new: 1 });
  });

  it("reads a page again whose kept file was damaged", async () => {
    site.page("/a.html", "A", { etag: '"1"' });
    site.list({ "/a.html": "2020-01-01" });
    const { mirror } = await visit();
    rmSync(join(mirror.pagesFolder, "a.html"));
    expect(await (await Mirror.open(cacheDir, `${site.origin}/sitemap.xml`)).isWhole()).toBe(false);
    expect((await visit()).mirror.digest()).toBe(mirror.digest());
    expect(existsSync(join(mirror.pagesFolder, "a.html"))).toBe(true);
  });
});
