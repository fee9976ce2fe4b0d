import { describe, expect, it } from "vitest";
import { htmlLines } from "./html.ts";
import type { Page } from "./page.ts";
import { readPage } from "./pages.ts";
import { passagesOf } from "./passages.ts";
import { Site } from "./site.ts";

const words = (text: string) => text.split(/\s+/).filter(Boolean).length;

function passages(body: string, maxTokens = 40) {
  const page = readPage({ path: "page.md", bytes: Buffer.from(body) }) as Page;
  return passagesOf(page, new Site([page], "/"), words, { passage: maxTokens, window: maxTokens }).passages;
}

describe("HTML in a page", () => {
  it("separates words that only styling separates", () => {
    const [line] = htmlLines("<li><label>Labels:</label><span>group</span><span>verb</span></li>");
    expect(line!.text).toBe("Labels: group verb");
  });

  it("keeps a word with markup inside it whole", () => {
    expect(htmlLines("<p>un<b>believ</b>able, a<span>b</span>c</p>")[0]!.text).toBe("unbelievable, abc");
  });

  it("keeps the lines of code, and puts code in a cell on one line", () => {
    const code = "<p>Run:</p>\n<pre><code>a:\n  - b\n</code></pre>";
    expect(htmlLines(code)[1]).toMatchObject({ kind: "code", text: "```\na:\n  - b\n```", lines: [2, 3] });
    expect(htmlLines("<tr><td>x</td><td><pre>a\n  b</pre></td></tr>")[0]!.text).toBe("x | a b");
    expect(passages("# T\n\n<pre>\na:\n  - b\n</pre>\n")[0]!.text).toBe("```\na:\n  - b\n```");
  });

  it("does not join a superscript with the number before it", () => {
    expect(htmlLines("<p>2<sup>8</sup> - 2, x<sub>1</sub></p>")[0]!.text).toBe("2^8 - 2, x_1");
    expect(passages("# T\n\nRange size: 2<sup>16</sup> - 2\n")[0]!.text).toBe("Range size: 2^16 - 2");
  });

  it("assigns each row its own lines, below other text, comments and lone rows", () => {
    const table =
      "<table>\n<tr><th>Flag</th><th>Use</th></tr>\n<tr>\n<td>--a</td>\n<td>first\nsecond</td>\n</tr>\n</table>";
    expect(htmlLines(table).map(({ lines }) => lines)).toEqual([
      [2, 2],
      [4, 6],
    ]);
    expect(htmlLines("<!-- x -->\n\n<tr><td>one</td>\n<td>two</td></tr>")[0]).toMatchObject({
      text: "one | two",
      lines: [3, 4],
    });
  });

  it("assigns passages of a long block to their lines in the file", () => {
    const rows = Array.from({ length: 60 }, (_, i) => `<tr><td>flag${i}</td><td>meaning${i}</td></tr>`);
    const body = `---\ntitle: T\n---\nIntro.\n\n<table>\n${rows.join("\n")}\n</table>\n`;
    const lines = body.split("\n");
    const made = passages(body).filter(({ text }) => text.includes("flag"));
    expect(made.length).toBeGreaterThan(2);
    for (const { text, lines: range } of made.slice(1)) {
      const names = text.match(/flag\d+/g)!;
      expect(lines[range[0] - 1]).toContain(`>${names[0]}<`);
      expect(lines[range[1] - 1]).toContain(`>${names.at(-1)}<`);
    }
  });
});
