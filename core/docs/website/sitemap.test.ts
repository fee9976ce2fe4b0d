import { expect, test } from "vitest";
import { readSitemap } from "./sitemap.ts";

const IMAGE = "<image:image><image:loc>https://a.example/x.png</image:loc></image:image>";

test.each([
  ["no prefix", `<urlset><url>${IMAGE}<loc>https://a.example/x</loc></url></urlset>`],
  ["a prefix", `<s:urlset><s:url>${IMAGE}<s:loc>https://a.example/x</s:loc></s:url></s:urlset>`],
])("a page's address is that of the sitemap's own element, with %s", (_, xml) => {
  expect(readSitemap(xml)).toEqual({ pages: [{ url: "https://a.example/x", lastmod: null }], maps: [] });
});
