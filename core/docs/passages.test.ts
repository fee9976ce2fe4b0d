import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Passage } from "../../contracts/passage.ts";
import { bounded } from "./bounded.ts";
import type { Page } from "./page.ts";
import { readPage } from "./pages.ts";
import { passagesOf } from "./passages.ts";
import { Site } from "./site.ts";

/** Approximates wordpieces: one for a word of up to four characters, plus one for each further four. */
const count = (text: string) =>
  text
    .split(/\s+/)
    .filter(Boolean)
    .reduce((sum, word) => sum + Math.ceil(word.length / 4), 0);

function passages(body: string, maxTokens = 40): Passage[] {
  const page = readPage({ path: "a/page.md", bytes: Buffer.from(body) }) as Page;
  return passagesOf(page, new Site([page], "/docs/"), count, { passage: maxTokens, window: maxTokens }).passages;
}

const texts = (body: string, maxTokens?: number) => passages(body, maxTokens).map(({ text }) => text);

describe("a page becomes passages", () => {
  it("with trail, anchor and source lines", () => {
    const [intro, section] = passages(
      "---\ntitle: Jobs\n---\nRun to completion.\n\n## Create one {#make}\n\nUse `kubectl`.\n",
    );
    expect(intro).toMatchObject({ heading: ["Jobs"], url: "/docs/a/page/", lines: [4, 4], text: "Run to completion." });
    expect(section).toMatchObject({
      heading: ["Jobs", "Create one"],
      url: "/docs/a/page/#make",
      lines: [8, 8],
      text: "Use kubectl.",
    });
  });

  it("without control characters in text and headings, however they are written", () => {
    const hostile = "&#x1b;[2J &#155;31m &#x202e;gnp \u001b]0;t\u0007 <i>&#27;[1m</i>";
    const made = passages(
      `---\ntitle: "T\\e[2J\\u202ex"\n---\n${hostile} text\n\n## H ${hostile}\n\n<p>&#27;[3J text</p>\n\n| ${hostile} | b |\n|--|--|\n| c | d |\n`,
    );
    expect(JSON.stringify(made.map(({ text, heading }) => [text, heading]))).not.toMatch(
      /\\u00[01]|[\u007f-\u009f\u202a-\u202e]/,
    );
    expect(made[0]!.heading[0]).toBe("T[2Jx");
  });

  it("is quarantined if its name holds control characters, with their codes", () => {
    for (const [path, shown] of [
      ["a\u001b[2J.md", "a\\u001b[2J.md"],
      ["a\nb.md", "a\\u000ab.md"],
      ["a/\u202egnp.md", "a/\\u202egnp.md"],
    ])
      expect(readPage({ path: path!, bytes: Buffer.from("# T") })).toEqual({
        page: shown,
        reason: "its name holds control characters",
      });
  });

  it("with placeholders, comparisons and code of headings kept as readers see them", () => {
    const [passage] = passages("# T\n\n## If a < b and c > d use `<name>`\n\nThen `<x>` or <pod-name>.example.com\n");
    expect(passage!.heading[1]).toBe("If a < b and c > d use <name>");
    expect(passage!.text).toBe("Then <x> or <pod-name>.example.com");
  });

  it("with anchors as goldmark numbers them", () => {
    const urls = passages("# T\n\n## A b\n\nx\n\n## A b\n\nx\n\n## A b-1\n\nx\n\n## Ä & ö\n\nx\n").map(
      ({ url }) => url,
    );
    expect(urls.map((url) => url.split("#")[1])).toEqual(["a-b", "a-b-1", "a-b-1-1", "ä--ö"]);
  });

  it("with anchors of repeated headings that contain a badge", () => {
    const made = passages("# T\n\n## Use <Badge text='a b' />\n\nx\n\n## Use <Badge text='c' />\n\nx\n\n## Use\n\nx\n");
    expect(made.map(({ url, heading }) => [url.split("#")[1], heading[1]])).toEqual([
      ["use", "Use a b"],
      ["use-1", "Use c"],
      ["use-2", "Use"],
    ]);
  });

  it("with HTML tables as rows under their header, and scripts left out", () => {
    const html =
      "<table><thead><tr><th>Flag</th><th>Meaning</th></tr></thead>\n<tbody><tr><td><p>--a</p></td><td>does <b>a</b><br>and b</td></tr></tbody></table>\n<script>evil()</script><template>t</template>";
    expect(texts(`# T\n\n${html}\n`)).toEqual(["Flag | Meaning\n--a | does a and b"]);
    expect(texts("# T\n\n<tr>\n<td>one</td>\n\n</tr>\n<tr><td>two</td><td>three</td></tr>\n")).toEqual([
      "one\ntwo | three",
    ]);
  });

  it("with nested lists, their code, and tabs as indentation", () => {
    expect(texts("# T\n\n1. one\n\n   ```sh\n   run\n   ```\n\n2. two\n\t- [x] three\n", 100)).toEqual([
      "1. one\n```sh\nrun\n```\n2. two\n  - [x] three",
    ]);
  });

  it("with code whose fences contain fences", () => {
    expect(texts("# T\n\n````md\n```sh\nrun\n```\n````\n", 100)).toEqual(["````md\n```sh\nrun\n```\n````"]);
  });

  it("with the title of code on a line above it, at the line of the fence", () => {
    const made = passages('# T\n\nSave as:\n\n```yaml title="a b.yml" {1}\nk: 1\n```\n', 100);
    expect(made.map(({ text }) => text)).toEqual(["Save as:\na b.yml:\n```yaml\nk: 1\n```"]);
    expect(made[0]!.lines).toEqual([3, 7]);
  });

  it("with Windows line ends", () => {
    const body = "---\ntitle: T\n---\na\n\n```\nx\ny\n```\n\n| a | b |\n| - | - |\n| c | d |\n";
    expect(passages(body.replaceAll("\n", "\r\n"))).toEqual(passages(body));
  });
});

describe("content too long for one passage", () => {
  it("is split with the introduction of code and the header of tables repeated", () => {
    const code = Array.from({ length: 60 }, (_, i) => `line${i}`).join("\n");
    const parts = passages(`# T\n\nApply this:\n\n\`\`\`yaml\n${code}\n\`\`\`\n`);
    expect(parts.length).toBeGreaterThan(1);
    for (const { text } of parts) expect(text).toMatch(/^Apply this:\n```yaml\n[\s\S]*\n```$/);
    const rows = Array.from({ length: 40 }, (_, i) => `| flag${i} | does${i} |`).join("\n");
    for (const text of texts(`# T\n\n| Flag | Mean |\n| --- | --- |\n${rows}\n`))
      expect(text).toMatch(/^Flag \| Mean\n/);
  });

  it("keeps exact line ranges of split code", () => {
    const code = Array.from({ length: 60 }, (_, i) => `line${i}`).join("\n");
    const parts = passages(`\`\`\`\n${code}\n\`\`\`\n`);
    for (const { text, lines } of parts) {
      const inside = [...text.matchAll(/line(\d+)/g)].map((match) => Number(match[1]) + 2);
      expect(lines).toEqual([inside[0], inside.at(-1)]);
    }
  });

  it("is cut inside a word only if the word itself is too long, and never inside a character", () => {
    const parts = texts(`# T\n\n${"😀".repeat(300)}\n`);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join("").replace(/\s/g, "")).toBe("😀".repeat(300));
    for (const part of parts) expect(part).not.toMatch(/\p{Cs}/u);
  });

  it("holds a trail in its text if the trail is too long for its passages", () => {
    const long = Array.from({ length: 60 }, (_, i) => `w${i}`).join(" ");
    const made = passages(`# T\n\n## ${long}\n\n### Deep\n\nx\n`);
    for (const word of long.split(" ")) expect(made.some(({ text }) => text.includes(word))).toBe(true);
    for (const { heading, text } of made) expect(count(`${heading.join(" > ")}\n${text}`)).toBeLessThanOrEqual(40);
  });
});

const word = fc.stringMatching(/^[a-z]{2,9}[0-9]{2,4}$/);
const words = (maxLength: number) => fc.array(word, { minLength: 1, maxLength }).map((list) => list.join(" "));
const inline = fc
  .tuple(
    words(9),
    words(5),
    fc.constantFrom("`$`", "**$**", "[$](/x)", "_$_", "~~$~~", "<kbd>$</kbd>", "![$](/x)", "$"),
  )
  .map(([before, inside, form]) => `${before} ${form.replace("$", inside)}.`);
const sentence = fc.array(inline, { minLength: 1, maxLength: 4 }).map((list) => list.join(" "));
const nestedList = fc
  .array(fc.tuple(sentence, sentence, words(8), fc.constantFrom("-", "1.", "- [ ]")), { minLength: 1, maxLength: 4 })
  .map((items) =>
    items
      .map(([item, sub, code, mark]) => `${mark} ${item}\n   * ${sub}\n\n     ~~~\n     ${code}\n     ~~~\n`)
      .join(""),
  );
const block = fc.oneof(
  sentence,
  fc.tuple(fc.integer({ min: 1, max: 6 }), words(12)).map(([level, text]) => `${"#".repeat(level)} ${text}`),
  words(6).map((text) => `${text}\n----`),
  nestedList,
  fc.array(words(30), { minLength: 1, maxLength: 6 }).map((lines) => `\`\`\`yaml\n${lines.join("\n")}\n\`\`\``),
  words(9).map((text) => `    ${text}`),
  fc
    .array(fc.tuple(words(3), sentence), { minLength: 1, maxLength: 5 })
    .map((rows) => `| h1 | h2 |\n| --- | --- |\n${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}`),
  fc.tuple(sentence, nestedList).map((inside) => `> ${inside.join("\n\n").replaceAll("\n", "\n> ")}`),
  fc.tuple(words(9), words(9), words(3)).map(([a, b, c]) => `<div><p>${a}</p>\n<ul><li>${b}<li>${c}</ul></div>`),
  fc
    .tuple(words(3), words(3), words(40))
    .map(([a, b, c]) => `<table>\n<tr><th>${a}<th>${b}\n\n<tr><td>${c}</td><td>${a}</td></tr>\n</table>`),
  words(5).map((text) => `<details><summary>${text}</summary>\n\n${text}\n\n</details>`),
  words(9).map((text) => `{{< note >}}\n${text}\n{{< /note >}}`),
);

describe("any page", () => {
  it("loses no visible word, and has no passage over the budget", () => {
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 40, max: 200 }),
        (blocks, budget) => {
          const made = passages(`---\ntitle: Top01\n---\n${blocks.join("\n\n")}\n`, budget);
          const there = new Set(
            made.flatMap(({ heading, text }) => [...heading, text].join(" ").match(/[a-z]+[0-9]+/g) ?? []),
          );
          for (const wanted of blocks.join(" ").match(/[a-z]+[0-9]{2,4}/g) ?? []) expect(there).toContain(wanted);
          for (const { heading, text } of made)
            expect(count(`${heading.join(" > ")}\n${text}`)).toBeLessThanOrEqual(budget);
        },
      ),
      { numRuns: 80 },
    );
  });

  it("has passages with unique ids, inside the lines of the file, whatever its content", () => {
    const mark = fc.constantFrom(
      ..."#>-*`_[]()<>|~\n\n  \t1.:!{%}&\\".split(""),
      "\n\n",
      "word",
      "```",
      "<td>",
      "<!--",
    );
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 80 }), (marks) => {
        const body = marks.join("");
        const made = passages(`x\n\n${body}`);
        expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
        const lines = `x\n\n${body}`.split("\n").length;
        for (const passage of made) {
          expect(passage.lines[0]).toBeGreaterThanOrEqual(1);
          expect(passage.lines[1]).toBeLessThanOrEqual(lines);
          expect(passage.lines[0]).toBeLessThanOrEqual(passage.lines[1]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("work on one page stops", () => {
  it("when it takes too long or nests too deeply, with the reason", () => {
    expect(bounded(() => 1)).toEqual({ made: 1 });
    expect(bounded(() => passages("a <!-- ".repeat(20_000)), 200)).toEqual({ reason: "takes more than 0.2 s to read" });
    expect(bounded(() => passages(`x\n\n${"<div>".repeat(10_000)}`))).toEqual({ reason: "is nested too deeply" });
  });

  it("by processor time: a page delayed by a busy machine is still read", () => {
    const asleep = new Int32Array(new SharedArrayBuffer(4));
    const waitMs = (ms: number) => Atomics.wait(asleep, 0, 0, ms);
    expect(bounded(() => waitMs(500), 200)).toEqual({ made: "timed-out" });
  });

  it("with any other error unchanged", () => {
    expect(() =>
      bounded(() => {
        throw new TypeError("a fault");
      }),
    ).toThrow(TypeError);
  });
});
