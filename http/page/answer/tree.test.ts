import { h } from "preact";
import { render } from "preact-render-to-string";
import { describe, expect, it } from "vitest";
import { atQuote, Nodes } from "./nodes.tsx";
import { answerTree } from "./tree.ts";

const html = (markdown: string) =>
  render(h(Nodes, { tree: answerTree(markdown), cite: (number) => h("sup", null, number) }));

describe("an answer's Markdown", () => {
  it("is shown with its emphasis, lists, tables and code", () => {
    expect(html("**a** and `b`\n\n- one\n- two")).toBe(
      "<p><strong>a</strong> and <code>b</code></p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>",
    );
    expect(html("|a|b|\n|-|-|\n|1|2|")).toMatch(/<section class="scroll".*<table>.*<td>2<\/td>/s);
    expect(html('```bash\necho "hi"\n```')).toContain('<span class="hljs-built_in">echo</span>');
  });

  it("stands below the headings of the page", () => {
    expect(html("# Top\n\n###### Low")).toBe("<h3>Top</h3>\n<h6>Low</h6>");
  });

  it("links each citation, and marks each doubt, but not inside code", () => {
    expect(html("Drain it [1][2]. Or not [?].")).toBe(
      '<p>Drain it <sup>1</sup><sup>2</sup>. Or not <mark class="doubt" title="No cited passage supports this">[?]</mark>.</p>',
    );
    expect(html("`items[0]` and\n\n    items[1]")).not.toContain("<sup>");
  });

  it("has no link inside another one", () => {
    const linked = html("[the **node [1]** docs [2]](https://docs.test) [3]");
    expect(linked).toMatch(/^<p><a [^>]*>the <strong>node \[1\]<\/strong> docs \[2\]<\/a> <sup>3<\/sup><\/p>$/);
  });

  it("cannot make a citation lead elsewhere", () => {
    for (const text of ["See [1].\n\n[1]: https://evil.test", "See [1][^1].\n\n[^1]: [x](https://evil.test)"])
      expect(html(text)).not.toContain("evil.test");
    expect(html("See [1].\n\n[1]: https://evil.test")).toBe("<p>See <sup>1</sup>.</p>");
  });
});

describe("hostile text", () => {
  it.each([
    ["<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"],
    ['<img src="https://evil.test/p.png" onerror="x()">', "&lt;img"],
    ["a <b onclick=x>c</b>", "&lt;b onclick=x>"],
    ["![alt](https://evil.test/p.png)", "alt"],
    ["![alt][p]\n\n[p]: https://evil.test/p.png", "alt"],
    ["[go](javascript:alert(1))", "<a>go</a>"],
    ["[go](data:text/html,x)", "<a>go</a>"],
    ["[go](//evil.test)", "<a>go</a>"],
    ["[go](vbscript:x)", "<a>go</a>"],
    ["<javascript:alert(1)>", "<a>javascript:alert(1)</a>"],
  ])("%s loads and runs nothing", (markdown, shown) => {
    const made = html(markdown);
    expect(made).toContain(shown);
    for (const tag of made.match(/<\w[^>]*>/g) ?? [])
      expect(tag).not.toMatch(/^<(script|img|iframe|style|svg|form|input)|\son\w+=|(src|href)=/i);
  });

  it("in a tree that came over the network is left out as well", () => {
    const element = (tagName: string, properties: object) => ({ type: "element", tagName, properties, children: [] });
    const children = [
      element("script", { src: "https://evil.test" }),
      element("img", { src: "https://evil.test" }),
      element("a", { href: "javascript:x()", onClick: "x()", style: "x" }),
    ];
    const tree = { type: "root", children } as unknown as ReturnType<typeof answerTree>;
    expect(render(h(Nodes, { tree, cite: () => null }))).toBe("<a></a>");
  });
});

describe("a link to a quote", () => {
  it("leads to its first words", () => {
    const quote = "Each pod has its own termination grace-period, and more.";
    const words = "Each%20pod%20has%20its%20own%20termination%20grace%2Dperiod%2C%20and";
    expect(atQuote("https://docs.test/a#b", quote)).toBe(`https://docs.test/a#b:~:text=${words}`);
    expect(atQuote("https://docs.test/a", "One.")).toBe("https://docs.test/a#:~:text=One.");
  });

  it("leads to its section where it is code", () => {
    expect(atQuote("https://docs.test/a#b", "kubectl get nodes | grep `x`")).toBe("https://docs.test/a#b");
  });
});
