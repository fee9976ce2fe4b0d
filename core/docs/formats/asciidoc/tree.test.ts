import { describe, expect, it, test } from "vitest";
import { processorMs } from "../../../../tests/processorTime.ts";
import type { Page } from "../../page.ts";
import { readPage } from "../../pages.ts";
import { readFiles, unitsOf } from "../testing/readFiles.ts";
import { DocsTree } from "./tree.ts";

const included = (files: Record<string, string>) => {
  const { pages, site } = readFiles(files);
  const page = pages.find(({ page: { path } }) => path === "a.adoc")!;
  return {
    texts: unitsOf(page).map(({ text }) => text),
    missing: site.missing,
    paths: pages.map((one) => one.page.path),
  };
};

describe("included lines", () => {
  const code = ["a", "# tag::one[]", "b", "# tag::two[]", "c", "# end::two[]", "# end::one[]", "d"].join("\n");
  it.each([
    ["", "a\n# tag::one[]\nb\n# tag::two[]\nc\n# end::two[]\n# end::one[]\nd"],
    ["tag=one", "b\nc"],
    ["tags=one;!two", "b"],
    ["tags=**", "a\nb\nc\nd"],
    ["tags=*", "b\nc"],
    ["tags=!two", "a\nb\nd"],
    ["tags=**;!*", "a\nd"],
    ["lines=1..1;7..", "a\n# end::one[]\nd"],
    ['lines="3,5"', "b\nc"],
  ])("are those that [%s] selects", (list, wanted) => {
    const page = `----\ninclude::includes/x.rb[${list}]\n----\n`;
    expect(included({ "a.adoc": page, "includes/x.rb": code }).texts).toEqual([`\`\`\`\n${wanted}\n\`\`\``]);
  });

  it("keep their order, level and indentation, and have the line of the include", () => {
    const { pages } = readFiles({
      "a.adoc":
        ":dir: parts\n\n== One\n\ninclude::{dir}/_b.adoc[leveloffset=+1]\n\n== Three\n\n----\ninclude::includes/c.py[indent=2]\n----\n",
      "parts/_b.adoc": "== Two\n\nfrom b\n\ninclude::../includes/d.adoc[]\n",
      "includes/d.adoc": "from d\n",
      "includes/c.py": "    if x:\n        y\n",
    });
    const [{ passages }] = pages.filter(({ page: { path } }) => path === "a.adoc") as [(typeof pages)[0]];
    expect(pages).toHaveLength(1);
    expect(passages.map(({ heading, text, lines }) => [heading.join(">"), text, lines])).toEqual([
      ["a>One>Two", "from b\nfrom d", [5, 5]],
      ["a>Three", "```\n  if x:\n      y\n```", [9, 11]],
    ]);
  });

  it("are a caption and counted if they are not in the docs, whatever leads out of them", () => {
    const targets = [
      "gone.adoc",
      "/etc/passwd",
      "../../etc/passwd",
      "https://a.example/b.adoc",
      "{nope}/c.adoc",
      "file:///etc/passwd",
    ];
    const { texts, missing } = included({ "a.adoc": targets.map((target) => `include::${target}[]`).join("\n\n") });
    expect(texts).toEqual(targets.map((target) => `(included file: ${target})`));
    expect(missing).toEqual({ include: targets.length });
    expect(included({ "a.adoc": "x\n\ninclude::gone.adoc[opts=optional]\n" })).toMatchObject({
      texts: ["x"],
      missing: {},
    });
  });

  it("show directives of code, and no include of a comment", () => {
    const files = {
      "a.adoc": "----\ninclude::includes/x.sh[]\n----\n\n////\ninclude::gone[]\n////\n",
      "includes/x.sh": "ifdef::x[]\ninclude::y[]",
    };
    expect(included(files)).toMatchObject({ texts: ["```\nifdef::x[]\ninclude::y[]\n```"], missing: {} });
  });

  it("stay bounded if files include each other", () => {
    const twice = (name: string) => `text of ${name}\n\ninclude::${name}[]\n\ninclude::${name}[]\n`;
    const { missing, paths } = included({ "a.adoc": twice("b.adoc"), "b.adoc": twice("a.adoc") });
    expect(missing.include).toBeGreaterThan(0);
    expect(paths).toEqual(["a.adoc", "b.adoc"]);
  });

  it("count the blanks that they indent by", () => {
    const files = { "a.adoc": "include::includes/b.adoc[indent=999]\n", "includes/b.adoc": "x\n".repeat(2_000) };
    expect(included(files).missing).toEqual({ include: 1 });
  });
});

test("a file that another includes whole is no page of its own, and a part of it leaves it one", () => {
  const files = {
    "a.adoc": "= A\n\ninclude::b.adoc[]\n\ninclude::c.adoc[lines=1]\n",
    "b.adoc": "from b\n",
    "c.adoc": "one\n\ntwo\n",
  };
  expect(included(files).paths).toEqual(["a.adoc", "c.adoc"]);
});

test("a file included only under a conditional stays a page, and so do those it includes that way", () => {
  const files = {
    "a.adoc": [
      "ifdef::backend-pdf[]\ninclude::b.adoc[]\nendif::[]",
      "ifdef::x[only this line]\ninclude::c.adoc[]",
      'ifeval::["{x}" == "1"]\nifndef::y[]\nendif::y[]\ninclude::d.adoc[]\nendif::[]',
    ].join("\n\n"),
    "b.adoc": "from b\n",
    "c.adoc": "from c\n",
    "d.adoc": "from d\n",
  };
  const { texts, paths } = included(files);
  expect(paths).toEqual(["a.adoc", "b.adoc", "d.adoc"]);
  expect(texts).toEqual(["from c"]);
});

describe("the pages shown only inside others", () => {
  const pagesOf = (files: Record<string, string>) =>
    Object.entries(files).map(([path, text]) => readPage({ path, bytes: Buffer.from(text) }) as Page);
  const partsOf = (tree: DocsTree) => [...tree.parts()].map(({ path }) => path);

  it("are found quickly where many include regions of one large file", () => {
    const code = Array.from(
      { length: 2_500 },
      (_, i) => `# tag::t${i}[]\n${"long line of code\n".repeat(20)}# end::t${i}[]`,
    );
    const include = (from: number) =>
      Array.from({ length: 10 }, (_, i) => `include::includes/x.rb[tag=t${from + i}]\n`);
    const pages = Array.from({ length: 40 }, (_, i) => [`p${i}.adoc`, include(10 * i).join("\n")]);
    const tree = new DocsTree(pagesOf({ "includes/x.rb": code.join("\n"), ...Object.fromEntries(pages) }));
    expect(processorMs(() => expect(partsOf(tree)).toEqual(["includes/x.rb"]))).toBeLessThan(1_000);
  });

  it("are looked for in as much text as a tree may include, and the others stay pages", () => {
    const pages = pagesOf({
      "a.adoc": "include::b.adoc[]\n",
      "b.adoc": "x\n".repeat(500),
      "c.adoc": "include::d.adoc[]\n",
      "d.adoc": "x\n",
    });
    expect(partsOf(new DocsTree(pages))).toEqual(["b.adoc", "d.adoc"]);
    expect(partsOf(new DocsTree(pages, 1_000))).toEqual(["b.adoc"]);
  });
});

test("Markdown beside AsciiDoc, and without it, keeps its pages in any folder", () => {
  const markdown = { "antora.yml": "name: x\n", "includes/b.md": "b\n", "docs/c.md": "c\n" };
  const paths = (files: Record<string, string>) => readFiles(files).pages.map(({ page }) => page.path);
  expect(paths({ "includes/b.md": "b\n", "partials/d.txt": "d\n" })).toEqual(["includes/b.md", "partials/d.txt"]);
  expect(paths({ ...markdown, "modules/ROOT/pages/a.adoc": "a\n", "README.adoc": "r\n" })).toEqual([
    "includes/b.md",
    "docs/c.md",
    "modules/ROOT/pages/a.adoc",
  ]);
});

test("attributes set below an underlined title name included files, and large values stay bounded", () => {
  const double = Array.from({ length: 20 }, (_, i) => `:v${i + 1}: ${`{v${i}}`.repeat(50)}`);
  const page = ["Title", "-----", "", ":v0: x", ...double, ":part: c", "", "include::includes/{part}.adoc[]"].join(
    "\n",
  );
  expect(included({ "a.adoc": page, "includes/c.adoc": "from c\n" }).texts).toContain("from c");
});

describe("in an Antora tree", () => {
  const at = (path: string) => `docs/modules/${path}`;
  const files = {
    "docs/antora.yml":
      "name: lab\nversion: ~\nasciidoc:\n  attributes:\n    product: Kit@\n    on: true\n    off: false\n",
    "docs/README.adoc": "= Repository\n",
    [at("ROOT/nav.adoc")]: "* xref:index.adoc[]\n",
    [at("ROOT/pages/index.adoc")]:
      "= Start\n\nxref:ops:sub/run.adoc#go[] xref:ops:sub/run.adoc[Own] xref:gone.adoc[] {product} {off}\n",
    [at("ops/pages/sub/run.adoc")]:
      "= Run {product}\n\ninclude::ROOT:partial$p.adoc[]\n\nxref:ROOT:index.adoc[] xref:sub/run.adoc#go[]\n\n== Go\n\nx\n",
    [at("ROOT/partials/p.adoc")]: "partial text\n",
  };

  it("pages are those of `pages`, at Antora's addresses, with the component's attributes", () => {
    const { pages, site } = readFiles(files, "asciidoc");
    expect(pages.map(({ page }) => site.urlOf(page))).toEqual(["/docs/lab/index.html", "/docs/lab/ops/sub/run.html"]);
    expect(unitsOf(pages[0]!).map(({ text }) => text)).toEqual(["Run Kit Own gone.adoc Kit {off}"]);
    expect(pages[1]!.passages[0]!.heading).toEqual(["Run Kit"]);
  });

  it("references and includes are found by module and family", () => {
    const { pages, links } = readFiles(files, "asciidoc");
    expect(pages[1]!.passages[0]!.text).toContain("partial text");
    expect(links.map(({ anchor, targetPage, targetHeading }) => [anchor, targetPage, targetHeading])).toEqual([
      ["Run Kit", at("ops/pages/sub/run.adoc"), "Go"],
      ["Own", at("ops/pages/sub/run.adoc"), null],
      ["Start", at("ROOT/pages/index.adoc"), null],
      ["Run Kit", at("ops/pages/sub/run.adoc"), "Go"],
    ]);
  });

  it("a broken antora.yml leaves the pages", () => {
    const { pages } = readFiles({ ...files, "docs/antora.yml": "name: [\n" }, "asciidoc");
    expect(pages).toHaveLength(2);
  });
});
