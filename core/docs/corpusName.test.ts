import { expect, it } from "vitest";
import { corpusName } from "./corpusName.ts";

it.each([
  ["/data/k8s-docs.tar.gz", "k8s-docs"],
  ["/data/website/content/en/docs", "website"],
  ["/data/loki/docs/sources", "loki"],
  ["/data/My Handbook", "my-handbook"],
  ["/docs", "docs"],
])("%s is called %s", (path, name) => {
  expect(corpusName(path)).toBe(name);
});
