import { expect, it } from "vitest";
import { corpusName, isPagePath, PAGE_ENDINGS, pathName } from "./corpusName.ts";
import { EXTENSIONS } from "./formats/index.ts";

it.each([
  ["/data/k8s-docs.tar.gz", "k8s-docs"],
  ["/data/website/content/en/docs", "website"],
  ["/data/loki/docs/sources", "loki"],
  ["/data/My Handbook", "my-handbook"],
  ["/docs", "docs"],
  ["/data/petstore/openapi.yaml", "openapi"],
  ["/data/My Guide.MD", "my-guide"],
  ["/data/petstore/docs/docs.html", "petstore"],
  ["/data/next.js", "next.js"],
  ["/data/.md", "md"],
])("%s is called %s", (path, name) => {
  expect(pathName(path)).toBe(name);
});

it("a host or a repository keeps what looks like the ending of a page", () => {
  expect(corpusName("docs.example.md")).toBe("docs.example.md");
});

it("every format's page is known by its ending, and no archive or folder", () => {
  expect([...PAGE_ENDINGS].sort()).toEqual([...EXTENSIONS].sort());
  expect(["a/b.yaml", "b.HTML", "a.md/docs", "a.tar.gz", "docs"].map(isPagePath)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
