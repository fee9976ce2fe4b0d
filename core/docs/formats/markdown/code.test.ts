import fc from "fast-check";
import type { Code, Nodes } from "mdast";
import { describe, expect, it } from "vitest";
import { parseMarkdown } from "../../markdown.ts";
import { plainMarkdown } from "../testing/plainMarkdown.ts";

const codeOf = (node: Nodes): Code[] => {
  if (node.type === "code") return [node];
  return "children" in node ? node.children.flatMap(codeOf) : [];
};
const plain = (...lines: string[]) => plainMarkdown(lines.join("\n")).split("\n");

describe("code in dialects of Markdown", () => {
  it.each([
    [
      [
        "{% highlight yaml linenos %}",
        "{% raw %}",
        "a:  {{ x }}",
        "```",
        "{% endhighlight %}",
        "Run {% highlight sh %}ls{% endhighlight %}",
      ],
      ["``````yaml", "", "a:  {{ x }}", "```", "``````", "Run `ls`"],
    ],
    [
      [
        '```yaml title="docker-compose.yml" {1}',
        "a: 1",
        "```",
        "``` {.py filename='a b.py'}",
        "```",
        '~~~ title="x"',
        "~~~",
      ],
      ["```yaml docker-compose.yml", "a: 1", "```", "```py a b.py", "```", "~~~text x", "~~~"],
    ],
    [
      ['> ```js title="a.js"', "> {.x}", "> ```", "> {.x}", "- ~~~ {1}", "  <Foo a='b'/>", "  ~~~", "  <Foo a='b'/>"],
      ["> ```js a.js", "> {.x}", "> ```", "> ", "- ~~~", "  <Foo a='b'/>", "  ~~~", "  "],
    ],
    [
      ["> 1. ```sh", ">    {.x}", "<Foo a='b'/>", "- ```sh", "      {.x}", "", "{.x}"],
      ["> 1. ```sh", ">    {.x}", "", "- ```sh", "      {.x}", "", ""],
    ],
    [
      ["    <Foo a='b'/>", "", "- x", "", "      <Foo a='b'/>", "", "    {.x}", "", "x", "", "    ```", "    {.x}"],
      ["    <Foo a='b'/>", "", "- x", "", "      <Foo a='b'/>", "", "    ", "", "x", "", "    ```", "    {.x}"],
    ],
    [
      ["!!! note", "", "    Text", "", "        {.x}", "", "    <Foo a='b'/>"],
      ["**Note:**", "", "Text", "", "    {.x}", "", ""],
    ],
    [
      ["<Steps>", "", "    <Note>Mind</Note>", "", "</Steps>", "", "    <Note>Code</Note>"],
      ["", "", "    **Note:** Mind", "", "", "", "    <Note>Code</Note>"],
    ],
    [
      ["```{autofunction} a.b", ":x:", "```", "```{python} echo=FALSE", "```", "~~~{py:class} a.B", "~~~"],
      ["```autofunction a.b", ":x:", "```", "```python", "```", "~~~py:class a.B", "~~~"],
    ],
    [
      ["```sh [npm]", "```", "```js src/a.js {1}", "```", "```js:b.js", "```", "```rust,ignore {1-2} linenos", "```"],
      ["```sh npm", "```", "```js src/a.js", "```", "```js b.js", "```", "```rust", "```"],
    ],
  ])("is separated from the text around it: %j", (lines, expected) => {
    expect(plain(...lines)).toEqual(expected);
  });

  it("leaves code unchanged, also in admonitions, and a fence in a fence", () => {
    const code = ["````md", "!!! note", "    x", "```", ":::tip", "````", ":::tip"];
    expect(plain(...code)).toEqual([...code.slice(0, 6), "**Tip:**"]);
  });

  it("keeps every word of code at any position", () => {
    let words = 0;
    const code = fc
      .constantFrom(
        ..."<Aa b='$'/>|{.$}|:material-$:|++$++|!!! $|::: $|import $ from '$'|{% hint style=\"$\" %}|text $|- $|| x".split(
          "|",
        ),
      )
      .map((line) => line.replaceAll("$", () => `w${words++}`));
    const block = fc.array(code, { minLength: 1, maxLength: 4 });
    const within = (first: string, rest: string) => (lines: string[]) => [
      `${first}${lines[0]}`,
      ...lines.slice(1).map((line) => rest + line),
    ];
    const fenced = fc.tuple(block, fc.constantFrom("```xml", "~~~", "```")).map(([lines, fence]) => {
      return [fence, ...lines, fence.slice(0, 3)];
    });
    const inContainers = fc
      .tuple(
        fenced,
        fc.constantFrom(["", ""], ["- ", "  "], ["> ", "> "], ["> 1. ", ">    "], ["- > ", "  > "], ["   ", "   "]),
      )
      .map(([lines, [first, rest]]) => within(first!, rest!)(lines));
    const indented = fc
      .tuple(block, fc.constantFrom("    ", "\t", "      "))
      .map(([lines, indent]) => within(indent, indent)(lines));
    const text = fc.constantFrom(
      ["Text <Aa b='x'/>"],
      ["- item", "", "  more"],
      ["# H"],
      ["1. item", "   - {.x} sub"],
      ["> quote"],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(inContainers, indented, text), { maxLength: 8 }), (blocks) => {
        const page = blocks.map((lines) => lines.join("\n")).join("\n\n");
        const shown = plainMarkdown(page);
        for (const node of codeOf(parseMarkdown(page)))
          for (const line of node.value.split("\n")) expect(shown).toContain(line);
      }),
      { numRuns: 1000 },
    );
  });
});
