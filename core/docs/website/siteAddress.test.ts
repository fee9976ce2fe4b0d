import { expect, test } from "vitest";
import { originsOf, pageFile } from "./siteAddress.ts";

test.each([
  ["https://a.example/", "index.html"],
  ["https://a.example/x/y/", "x/y/index.html"],
  ["https://a.example/x/y", "x/y.html"],
  ["https://a.example/x/y.htm", "x/y.htm"],
  ["https://a.example/x.html/y", "x.html_/y.html"],
  ["https://a.example/%2e%2e/.git/x", "_.git/x.html"],
  ["https://a.example/a%2f..%2fb?v=1", "a%2f..%2fb-D.html"],
  ["https://a.example//x///y/", "_/x/_/_/y/index.html"],
  ["https://b.example:8443/x", "b.example_8443/x.html"],
  [`https://a.example/${"x".repeat(300)}`, `${"x".repeat(150)}-D.html`],
  [`https://a.example/${"d/".repeat(3_000)}x.htm?v=1`, "_long/D.htm"],
])("the page %s is kept as %s", (url, file) => {
  expect(pageFile(new URL(url), new URL("https://a.example/sitemap.xml"), () => "D")).toBe(file);
});

test.each([
  ["docs.example", ["https://docs.example"]],
  ["docs.example:8443", ["https://docs.example:8443"]],
  ["http://intranet", ["http://intranet"]],
  ["127.0.0.1:8080", ["https://127.0.0.1:8080", "http://127.0.0.1:8080"]],
  ["*.example", null],
  ["docs.example/path", null],
  ["https://user@docs.example", null],
])("the setting's entry %s allows %j", (entry, origins) => {
  expect(originsOf(entry)).toEqual(origins);
});
