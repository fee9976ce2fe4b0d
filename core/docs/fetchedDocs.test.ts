import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DocsDeps, type Look, versionNow, versionOf, withDocs } from "./fetchedDocs.ts";
import { SiteServer } from "./website/testing/siteServer.ts";

let site: SiteServer;
let folder: string;
beforeEach(async () => {
  site = await new SiteServer().start();
  folder = mkdtempSync(join(tmpdir(), "winnow-fetched-"));
  site.list({ "/a.html": null });
});
afterEach(async () => {
  await site.stop();
  rmSync(folder, { recursive: true, force: true });
});

const worker = (name: string): DocsDeps => ({
  home: join(folder, name),
  root: folder,
  gitEnv: {},
  sites: { origins: [site.origin], pauseMs: 1, maxPages: 9 },
});
const look = (): Look => ({ signal: new AbortController().signal });
const sitemap = () => `${site.origin}/sitemap.xml`;
const textOn = (deps: DocsDeps, version: Awaited<ReturnType<typeof versionOf>>) =>
  withDocs(deps, { path: sitemap(), version, ...look() }, async ({ folder }) =>
    readFileSync(join(folder, "a.html"), "utf8"),
  );

describe("a site that another worker resolved", () => {
  it("is visited by a worker whose pages are older", async () => {
    site.page("/a.html", "Old");
    await versionOf(worker("b"), sitemap(), look());
    site.page("/a.html", "New");
    const version = await versionOf(worker("a"), sitemap(), look());
    expect(await textOn(worker("b"), version)).toContain("Text of New");
    expect(await versionNow(worker("b"), sitemap(), version, look())).toBe(version.version);
  });

  it("is not visited again by a worker that has its pages", async () => {
    site.page("/a.html", "New");
    const version = await versionOf(worker("a"), sitemap(), look());
    site.asked();
    site.page("/a.html", "Newer");
    expect(await textOn(worker("a"), version)).toContain("Text of New");
    expect(site.asked()).toEqual([]);
  });

  it("is unavailable once it has changed, so that no other text is taken for it", async () => {
    site.page("/a.html", "Old");
    const version = await versionOf(worker("a"), sitemap(), look());
    site.page("/a.html", "New");
    const changed = { code: "SourceUnavailable", message: expect.stringContaining("changed since the run began") };
    await expect(textOn(worker("b"), version)).rejects.toMatchObject(changed);
    await expect(versionNow(worker("b"), sitemap(), version, look())).rejects.toMatchObject(changed);
  });

  it("is no longer read when the run is cancelled", async () => {
    site.page("/a.html", "A");
    const version = await versionOf(worker("a"), sitemap(), look());
    const cancelled = versionNow(worker("b"), sitemap(), version, { signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: "Cancelled" });
  });
});
