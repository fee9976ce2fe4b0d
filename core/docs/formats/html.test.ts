import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { processorMs } from "../../../tests/processorTime.ts";
import { languageOf, pagesAmong } from "./index.ts";
import { readTree } from "./testing/sampleTree.ts";

/** Reads pages of a site, by path. */
function site(pages: Record<string, string | Buffer>) {
  const files = Object.entries(pages).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  return readTree({ files, generator: null });
}

const read = (html: string | Buffer) => site({ "page.html": html }).pages[0]!;
const shown = (html: string) =>
  read(html)
    .passages.map(({ text }) => text)
    .join("\n");
const reasonOf = (html: string | Buffer) => site({ "page.html": html }).reasons.map(({ reason }) => reason);
const headings = (html: string) => read(html).sections.map(({ heading, anchor }) => [heading.at(-1), anchor]);

describe("the main content", () => {
  it.each([
    [
      "Sphinx",
      `<div class="document"><div class="body" role="main"><h1>T</h1>x</div></div><div class="sphinxsidebar">n</div>`,
    ],
    [
      "MkDocs",
      `<nav>n</nav><main><div class="md-sidebar">n</div><article class="md-content__inner"><h1>T</h1>x</article></main>`,
    ],
    [
      "Docusaurus",
      `<main><nav class="theme-doc-breadcrumbs">n</nav><article><div class="tocCollapsible_e x theme-doc-toc-mobile">n</div><div class="theme-doc-markdown"><h1>T</h1>x</div><footer>n</footer></article></main>`,
    ],
    [
      "mdBook",
      `<div id="content" class="content"><div id="menu-bar" class="menu-bar">n</div><main><h1>T</h1>x</main><nav class="nav-wrapper">n</nav></div>`,
    ],
    [
      "DocBook",
      `<div class="navheader">n</div><div class="sect1"><div class="titlepage"><h1>T</h1></div><div class="toc">n</div>x</div><div class="navfooter">n</div>`,
    ],
    [
      "Doxygen",
      `<div id="top"><div id="titlearea">n</div></div><div class="header"><div class="summary">n</div><h1>T</h1></div><div class="contents">x</div><div class="footer">n</div>`,
    ],
    ["no generator", `<header>n</header><h1>T</h1><p>x</p><aside>n</aside><footer>n</footer>`],
  ])("of %s is found, without what is around it", (_, body) => {
    expect(shown(`<!DOCTYPE html><title>T - Site</title><body>${body}</body>`)).toBe("x");
  });

  it("keeps a section whose id or heading has the name of navigation", () => {
    expect(shown(`<main><section id="pagination"><h2 id="breadcrumbs">Pages</h2>x</section></main>`)).toBe("x");
  });

  it("is the whole main part if the article in it is a small part of it", () => {
    expect(shown("<main><p>The long text of the page.</p><article>A card</article></main>")).toContain("long text");
  });

  it("keeps footnotes, footers of quotes, and buttons that are words of a sentence", () => {
    const text = shown(
      `<main><blockquote>q<footer>who</footer></blockquote><p>Press <button>OK</button>.</p><button>Run</button><footer class="footnotes">note</footer></main>`,
    );
    expect(text).toBe("qwho\nPress OK.\nnote".replace("qwho", "q\nwho"));
  });
});

describe("elements with the class of a control", () => {
  it("that hold a heading's words or text of the page are kept", () => {
    const linked = `<h2 id="t"><a class="header-anchor" href="#t"><span>Title</span></a></h2><p>text</p>`;
    expect(headings(`<main>${linked}<h2 id="l"><a class="header-anchor" href="#l">Link</a></h2>x</main>`)).toEqual([
      ["Title", "t"],
      ["Link", "l"],
    ]);
    const text = `<div class="copy"><p>Copy the file.</p></div><div class="feedback"><p>Give users a sign early.</p></div>`;
    expect(shown(`<main>${text}</main>`)).toBe("Copy the file.\nGive users a sign early.");
  });

  it("that show a sign, a label or a question are not text", () => {
    const links = `<h2 id="t">Title <a class="headerlink" href="#t"><span class="sr-only">Go to Title</span>#</a></h2>
      <h2 id="u">Next<a class="permalink" href="#u">Permalink to Next</a></h2>`;
    const controls = `<div class="copy">Copy code</div><div class="buttons"><i class="x"></i></div><a class="copy">Take</a>
      <div class="feedback">Was this page helpful? <a href="#y">Yes</a></div>`;
    expect(headings(`<main>${links}x</main>`)).toEqual([
      ["Title", "t"],
      ["Next", "u"],
    ]);
    expect(shown(`<main>${links}<p>x</p>${controls}</main>`)).toBe("Title\nx");
  });
});

describe("anchors", () => {
  it("are those of the permanent link, the heading, the section around it, or the id before it", () => {
    const html = `<main id="main"><h1>A</h1>x
      <section id="s"><span id="old"></span><h2>B</h2>x</section>
      <h2 id="c">C<a href="#see-c">#</a></h2>x
      <a name="d"></a><h2>D</h2>x
      <h2>E</h2>x</main>`;
    expect(headings(html)).toEqual([
      ["A", ""],
      ["B", "s"],
      ["C", "see-c"],
      ["D", "d"],
      ["E", ""],
    ]);
  });

  it("of terms make sections, and the text below their list belongs to the heading above", () => {
    const html = `<main><h2 id="api">API</h2><dl><dt id="f">f(x)</dt><dd>one<dl><dt id="g">g</dt><dd>two</dd></dl></dd></dl>
      <p>After.</p></main>`;
    const made = read(html).passages.map(({ url, heading, text }) => [url, heading.slice(1).join(" > "), text]);
    expect(made).toEqual([
      ["/docs/page.html#f", "API > f(x)", "one"],
      ["/docs/page.html#g", "API > f(x) > g", "two"],
      ["/docs/page.html#api", "API", "After."],
    ]);
  });

  it("that two sections lack leave their passages distinct", () => {
    const { passages } = read("<main><h2>Example</h2>a<h2>Example</h2>b</main>");
    expect(new Set(passages.map(({ id }) => id)).size).toBe(2);
  });
});

describe("blocks", () => {
  it("keep a term with its definition, a label with its panel, and a row with its header", () => {
    expect(shown("<dl><dt>-a<dt>-b<dd>Both.<dd>More.</dl>")).toBe("- -a, -b: Both.\nMore.");
    const tabs = `<div><div role="tablist"><button role="tab">A</button><button role="tab">B</button></div>
      <div role="tabpanel">one</div><div role="tabpanel" hidden>two</div></div>`;
    expect(shown(tabs)).toBe("A:\none\nB:\ntwo");
    const table = "<table><tr><th>K<th>V<tr><td rowspan=2>a<td><p>1<p>2<tr><td>3</table>";
    expect(shown(table)).toBe("K | V\na | 1 2\na | 3");
    const spans = "<table><tr><th>K<th>V<th>W<tr><td rowspan=2 colspan=2>a<td>1<tr><td>2<tr><td>b<td>c<td>3</table>";
    expect(shown(spans)).toBe("K | V | W\na |  | 1\na |  | 2\nb | c | 3");
  });

  it("keep the lines and the language of code, and drop the numbers beside it", () => {
    const code = `<p>x</p>\n<div class="highlight-python3"><pre>\n<span class="lineno">1</span>a<br>  <b>b</b>\n</pre></div>`;
    const [passage] = read(code).passages;
    expect(passage).toMatchObject({ text: "x\n```python3\na\n  b\n```", lines: [1, 4] });
    expect(shown(`<div class="fragment"><div class="line">a;</div><div class="line"> b;</div></div>`)).toBe(
      "```\na;\n b;\n```",
    );
  });

  it("show formulas as their source, and the words of drawings", () => {
    expect(shown(`<p>Is <math alttext="x^2"><mi>x</mi></math>.</p>`)).toBe("Is x^2 .");
    expect(shown(`<p>a</p><svg><style>s</style><text>Box</text><text>Arrow</text></svg>`)).toBe("a\nBox Arrow");
  });

  it("of a list that only arranges sections are those sections", () => {
    const javadoc = `<ul class="blockList"><li><a id="m()"></a><h4>m</h4><pre>void m()</pre></li></ul>`;
    expect(headings(`<h2 id="c">C</h2>x${javadoc}`)).toEqual([
      ["C", "c"],
      ["m", "m()"],
    ]);
  });
});

describe("a page", () => {
  it("has its own title, without the site's name, and no description that others share", () => {
    const page = (title: string, body: string) =>
      `<title>${title} | Site docs</title><meta name="description" content="All docs."><body>${body}`;
    const { pages } = site({
      "a.html": page("A", "<h1>Top</h1>x"),
      "b.html": page("B", "x"),
      "c.html": page("C", "x"),
    });
    expect(pages.map(({ page }) => [page.title, page.description])).toEqual([
      ["Top", ""],
      ["B", ""],
      ["C", ""],
    ]);
  });

  it("has the address it states, unless the docs' address is given", () => {
    const html = `<link rel="canonical" href="https://docs.example.com/1/a.html"><h1 id="t">T</h1>x`;
    const { passages } = site({ "a.html": html, "b/index.html": "x" }).pages[0]!;
    expect(passages[0]!.url).toBe("https://docs.example.com/1/a.html#t");
  });

  it("is read in the encoding it states, or as browsers guess", () => {
    const latin = (head: string) => Buffer.from(`${head}<p>na\u00efve`, "latin1");
    for (const head of ["", `<meta charset="iso-8859-1">`, `<?xml version="1.0" encoding="ISO-8859-1"?>`])
      expect(read(latin(head)).passages[0]!.text).toBe("naïve");
    expect(reasonOf(latin(`<meta charset="utf-8">`))).toEqual(["not valid UTF-8"]);
  });

  it("that shows nothing without JavaScript, is encrypted, or is a template is refused", () => {
    const [app] = reasonOf(
      `<body><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>`,
    );
    expect(app).toContain("without JavaScript");
    expect(reasonOf(`<div id="staticrypt-html"><form><input></form></div>`)[0]).toContain("encrypted");
    expect(reasonOf("---\nlayout: x\n---\n<p>x")[0]).toContain("template");
    expect(shown("<noscript>You need to enable JavaScript.</noscript><p>x")).toBe("x");
  });

  it("of XML closes empty elements in their own tag", () => {
    expect(headings(`<?xml version="1.0"?>\n<html><body><a id="x"/><h2>T</h2>x</body></html>`)).toEqual([["T", "x"]]);
  });

  it("that leads elsewhere, searches or repeats the book is left out", () => {
    const { pages, reasons } = site({
      "a.html": `<meta http-equiv="Refresh" content="0;URL='b.html'">`,
      "b.html": `<script src="_static/searchtools.js"></script>`,
      "c.html": `<body>x<script>window.setTimeout(window.print, 100)</script>`,
    });
    expect([pages, reasons]).toEqual([[], []]);
  });
});

describe("HTML files", () => {
  const among = (paths: string) => pagesAmong(paths.split(" ").map((path) => ({ path }))).map(({ path }) => path);
  const many = Array.from({ length: 20 }, (_, i) => `site/${i}.html`).join(" ");

  it("beside Markdown are no pages, unless nearly all are a built site's", () => {
    expect(among("a.md b.html")).toEqual(["a.md"]);
    expect(among(`a.md ${many}`)).toEqual(["a.md"]);
    expect(among(`README.md site/index.html ${many}`)).toHaveLength(22);
  });

  it("whose names resemble Doxygen's indexes are pages, and those indexes are none", () => {
    const pages = "data_source.html functions_and_operators.html group-members.html open_source.html";
    const lists =
      "a_8h_source.html classns_1_1A-members.html functions_func_b.html functions_~.html globals_0x5f.html globals_defs.html";
    expect(among(`index.html ${pages} ${lists}`)).toEqual(`index.html ${pages}`.split(" "));
  });

  it("beside many plain texts are no pages, and a text that a page was made from is none", () => {
    expect(among("a.txt b.txt c.txt d.html")).toEqual(["a.txt", "b.txt", "c.txt"]);
    expect(among("a.html a.txt b.txt")).toEqual(["a.html", "b.txt"]);
  });
});

const WORDS = fc.constant(" w ");
const BLOCKS =
  "div section p ul ol li dl dt dd table tr td th pre blockquote details summary figure figcaption h2 h3 my-box";
const INLINE = "span em b a code kbd small sub q label my-word";

test("every visible word is in a passage, and stands apart as it does in a browser", () => {
  const { tree } = fc.letrec<{ tree: string; inner: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      WORDS,
      fc
        .tuple(fc.constantFrom(...`${BLOCKS} ${INLINE}`.split(" ")), tie("inner"))
        .map(([tag, inside]) => `<${tag}>${inside}</${tag}>`),
    ),
    inner: fc.array(tie("tree"), { maxLength: 4 }).map((parts) => parts.join("")),
  }));
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 6 }), (parts) => {
      let count = 0;
      const html = parts.join("\n").replace(/ w /g, () => ` word${count++} `);
      const text = read(`<main>${html}</main>`)
        .passages.flatMap(({ heading, text }) => [...heading, text])
        .join("\n");
      const found = new Set(text.match(/[A-Za-z0-9]+/g));
      for (let i = 0; i < count; i++) expect(found, `word${i} of ${html}`).toContain(`word${i}`);
    }),
    { numRuns: 200 },
  );
});

describe("hostile markup", () => {
  it.each([
    ["100,000 nested elements", "<div>".repeat(100_000), "deeper than 500"],
    ["100,000 nested templates", "<template>".repeat(100_000), "deeper than 500"],
    [
      "open formatting that each block repeats",
      `${Array.from({ length: 600 }, (_, i) => `<b id=${i}>`).join("")}${"<p>x".repeat(9000)}`,
      "deeper than 500",
    ],
    ["6,000 headings", "<h2>x</h2>".repeat(6000), "headings"],
    ["one endless word", "x".repeat(300_000), "word of 300000"],
  ])("of %s is refused at once", (_, html, reason) => {
    expect(processorMs(() => languageOf("a.html").read(`<main>${html}`))).toBeLessThan(2000);
    expect(reasonOf(`<main>${html}`)[0]).toContain(reason);
  });

  it("on one line of a megabyte is read", () => {
    const html = `<main>${"<p>Some words of the minified page.</p>".repeat(8000)}`;
    expect(processorMs(() => languageOf("a.html").parse(html))).toBeLessThan(4000);
  });
});
