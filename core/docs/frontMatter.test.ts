import { describe, expect, it } from "vitest";
import { processorMs } from "../../tests/processorTime.ts";
import { splitFrontMatter } from "./frontMatter.ts";

const reason = (text: string) => (splitFrontMatter(text) as { reason?: string }).reason;

describe("front matter", () => {
  it("is YAML between dashes or TOML between pluses, and the body keeps its line numbers", () => {
    expect(splitFrontMatter("---\ntitle: Jobs\nweight: 3\n---\nbody\n")).toEqual({
      data: { title: "Jobs", weight: 3 },
      body: "body\n",
      offset: 4,
    });
    expect(splitFrontMatter('+++\ntitle = "A \\"b\\"" # c\ndraft = true\n[params]\ntitle = "no"\n+++\nx')).toEqual({
      data: { title: 'A "b"', draft: true },
      body: "x",
      offset: 6,
    });
  });

  it("may be absent or empty; a rule of dashes is none", () => {
    expect(splitFrontMatter("text")).toEqual({ data: {}, body: "text", offset: 0 });
    expect(splitFrontMatter("---\n---\nx")).toMatchObject({ data: {}, body: "x" });
    expect(splitFrontMatter("------\nx")).toMatchObject({ body: "------\nx", offset: 0 });
    expect(splitFrontMatter("+++ b/file\nx")).toMatchObject({ body: "+++ b/file\nx" });
  });

  it.each([
    ["title: Foo: bar\ntags:\n  - a\n- b\ndraft: true # soon\nid: [x]", { title: "Foo: bar", draft: true }],
    [
      'title: "Jobs" and more\ndescription: `kubectl` is: here',
      { title: '"Jobs" and more', description: "`kubectl` is: here" },
    ],
    [`title: "a \\"b\\""\nsub: 'it''s: c'\nx: y: z`, { title: 'a "b"', sub: "it's: c", x: "y: z" }],
  ])("that is no YAML but plain on each line is read line by line: %s", (source, data) => {
    expect(splitFrontMatter(`---\n${source}\n---\nx`)).toEqual({
      data,
      body: "x",
      offset: source.split("\n").length + 2,
    });
  });

  it.each([
    "---\nWelcome\n---\nx",
    "---\n\nWelcome to: the [docs](x): all\n\n---\nx",
    "---\nWelcome, with no second rule.\n\n# T\n",
    "---\n{{< note >}}\nText\n---\n",
    "---\nNote: this: is text that is\nno front matter\n\n---\nx",
    "---\ntitle: [\nprose\n---\nx",
    "---\n- a\n- b\n---\nx",
    "---\n2024\n---\nx",
  ])("is none where a page opens with a rule: %j", (text) => {
    expect(splitFrontMatter(text)).toEqual({ data: {}, body: text, offset: 0 });
  });

  it("in an executable language is refused", () => {
    expect(reason("---js\nprocess.exit(1)\n---\n")).toContain('"js"');
    expect(splitFrontMatter('---\ntitle: !!js/function "function(){}"\n---\n')).toMatchObject({
      data: { title: "function(){}" },
    });
  });

  it("that is malformed, unclosed or huge is refused with the reason", () => {
    expect(reason("---\ntitle: [\n---\nx")).toContain("not valid YAML");
    expect(reason("---\ntitle: x\n")).toContain("not closed");
    expect(reason(`---\ntitle: ${"x".repeat(200_000)}\n---\n`)).toContain("longer than");
  });

  it("with an alias bomb, or endless nesting, is refused at once", () => {
    const line = (name: string, i: number) => `${name}: &${name} [${Array(9).fill(`*${"abcdefg"[i]}`).join(",")}]`;
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]", ...[..."bcdefgh"].map(line)].join("\n");
    const spent = processorMs(() => {
      expect(reason(`---\n${bomb}\n---\n`)).toMatch(/alias/);
      expect(reason(`---\ntitle: x\n${bomb}\n---\n`)).toMatch(/alias/);
      expect(reason(`---\na: ${"[".repeat(20_000)}\n---\n`)).toBeDefined();
    });
    expect(spent).toBeLessThan(2000);
  });
});
