import { describe, expect, it } from "vitest";
import type { Page } from "./page.ts";
import { readPage } from "./pages.ts";
import { Site } from "./site.ts";

const pageAt = (path: string, front = "") =>
  readPage({ path, bytes: Buffer.from(`---\nweight: 1\n${front}\n---\nText\n`) }) as Page;
const urlOf = (path: string, front: string, ...others: Page[]) => {
  const page = pageAt(path, front);
  return new Site([page, ...others], "/docs/").urlOf(page);
};
const docusaurus = pageAt("z.md", "sidebar_position: 2");

describe("address of a page", () => {
  it.each([
    ["a/b.md", "", "/docs/a/b/"],
    ["a/b.md", "slug: c", "/docs/a/c/"],
    ["a/b.md", "url: /docs/x/y", "/docs/x/y/"],
    ["a/b.md", "url: /docs", "/docs/"],
    ["a/b.md", "url: /elsewhere/", "/elsewhere/"],
    ["a/b.md", "permalink: /docs/x.html", "/docs/x.html"],
    ["a/b.md", "permalink: /x/y", "/docs/x/y"],
    ["a/b.md", "permalink: /x/y/", "/docs/x/y/"],
    ["a/b.md", "permalink: /:categories/:title/", "/docs/a/b/"],
    ["a/index.md", "slug: c", "/docs/c/"],
    ["a/_index.md", "slug: c", "/docs/a/"],
    ["01-a/02-b.md", "id: c", "/docs/01-a/02-b/"],
  ])("of %s with `%s` is %s", (path, front, url) => {
    expect(urlOf(path, front)).toBe(url);
  });

  it.each([
    ["01-a/02_b.md", "", "/docs/a/b/"],
    ["a/b.md", "slug: /get-started/install", "/docs/get-started/install/"],
    ["a/b.md", "slug: /", "/docs/"],
    ["a/b.md", "id: c", "/docs/a/c/"],
    ["1-a/index.md", "slug: c\nid: d", "/docs/a/c/"],
    ["1-a/README.md", "id: d", "/docs/a/"],
    ["2024-05-01-news.md", "", "/docs/2024-05-01-news/"],
    ["1.2-notes.md", "", "/docs/1.2-notes/"],
  ])("where Docusaurus publishes %s with `%s` is %s", (path, front, url) => {
    expect(urlOf(path, front, docusaurus)).toBe(url);
  });

  it("never leaves the docs, whatever the front matter contains", () => {
    for (const front of ["slug: ../../../x", "slug: ../x"]) expect(urlOf("a/b.md", front)).toBe("/docs/x/");
    for (const front of ["url: //evil.com/", "url: https://evil.com", "slug: 'javascript:x'", "slug: [a]"])
      expect(urlOf("a/b.md", front)).toBe("/docs/a/b/");
  });

  it("is a valid link target, as is the address of the file", () => {
    const [from, to] = [pageAt("01-a/b.md"), pageAt("02-c/d.md", "slug: /own")];
    const site = new Site([from, to, docusaurus], "/docs/");
    for (const url of ["/docs/own", "../../own/", "../02-c/d.md", "/docs/02-c/d/"])
      expect(site.resolve(from, url)?.page.path).toBe("02-c/d.md");
  });

  it("keeps the host if it lies outside the docs, and links resolve in both directions", () => {
    const [inside, outside] = [pageAt("a/b.md"), pageAt("a/c.md", "url: /elsewhere/c/")];
    const site = new Site([inside, outside], "https://example.com/docs/");
    expect(site.urlOf(outside)).toBe("https://example.com/elsewhere/c/");
    for (const url of ["/elsewhere/c/", "/elsewhere/c", "../../../elsewhere/c/", "c.md"])
      expect(site.resolve(inside, url)?.page.path).toBe("a/c.md");
    for (const url of ["/docs/a/b/", "../../docs/a/b/"]) expect(site.resolve(outside, url)?.page.path).toBe("a/b.md");
  });

  it("is not a folder if it ends without a slash", () => {
    const [from, to] = [pageAt("a.md", "permalink: /guide/run"), pageAt("b.md", "permalink: /guide/stop.html")];
    const site = new Site([from, to], "/docs/");
    expect(site.resolve(from, "stop.html")?.page.path).toBe("b.md");
    expect(site.resolve(to, "run")?.page.path).toBe("a.md");
  });
});
