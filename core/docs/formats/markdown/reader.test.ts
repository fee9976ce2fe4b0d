import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { processorMs } from "../../../../tests/processorTime.ts";
import { plainMarkdown } from "../testing/plainMarkdown.ts";

const plain = (...lines: string[]) => plainMarkdown(lines.join("\n")).split("\n");

describe("plainMarkdown", () => {
  it("reads MkDocs admonitions and tabs, at any depth, and moves their content to the left", () => {
    expect(
      plain(
        '!!! warning "Mind the gap"',
        "    Text.",
        "",
        '    === "Linux"',
        "",
        "        ```sh",
        "        ls -l",
        "          x",
        "        ```",
        "After.",
      ),
    ).toEqual(["**Mind the gap:**", "Text.", "", "**Linux:**", "", "```sh", "ls -l", "  x", "```", "After."]);
    expect(plain("??? note", "    Hidden until opened.")).toEqual(["**Note:**", "Hidden until opened."]);
    expect(plain('!!! note ""', "    No title.")).toEqual(["**Note:**", "No title."]);
  });

  it.each([
    [
      [":::tip", "Text", ":::"],
      ["**Tip:**", "Text", ""],
    ],
    [
      [":::note[A title]", ":::"],
      ["**A title:**", ""],
    ],
    [
      ["::: details Click me {open}", ":::"],
      ["**Click me:**", ""],
    ],
    [
      ["::: code-group", ":::"],
      ["", ""],
    ],
    [
      ["/// tip | Use `x`", "Text", "///"],
      ["**Use `x`:**", "Text", ""],
    ],
    [
      ["> [!NOTE]", "> Text"],
      ["> **Note:**", "> Text"],
    ],
    [
      ["::: pkg.Class", "    options:", "      members: []", "", "Text"],
      ["(reference: pkg.Class)", "", "", "", "Text"],
    ],
    [
      ["{* ../src/a.py hl[1] *}", '--8<-- "b.md"', "<<< @/c.ts{2}"],
      ["(code sample: ../src/a.py)", "(code sample: b.md)", "(code sample: /c.ts)"],
    ],
    [
      ["## Title { #own .big }", '## Other {: id="x" }', "## New {/* #y */}"],
      ["## Title {#own}", "## Other {#x}", "## New {#y}"],
    ],
    [
      ["[Go](x.md){ .button target=_blank } :material-check: done", "Press ++ctrl+alt+del++"],
      ["[Go](x.md)  done", "Press ctrl+alt+del"],
    ],
    [
      ["import X from '@site/x';", "[TOC]", "{% raw %}", '{% hint style="info" %}'],
      ["", "", "", "**Info:**"],
    ],
    [
      ['<TabItem value="a" label="macOS">', "brew", "</TabItem>", "<Banner/>"],
      ["**macOS:** ", "brew", "", ""],
    ],
    [
      ['<ParamField body="email" type="string" required>', "Mail", "</ParamField>", '<ResponseField name="id">'],
      ["**email (string, required):** ", "Mail", "", "**id:** "],
    ],
    [
      ['<Param name="n" type="int" default="3" required={false} />', '<ParamField header="X-Key" type="string"/>'],
      ["**n (int, default 3):** ", "**X-Key (string):** "],
    ],
    [
      ['## Limits <Badge type="tip" text="v2.1+" />', "## `<Tabs a=1>` {#own} <Icon name='x'/>"],
      ["## Limits v2.1+ {\u{e000}Limits}", "## `<Tabs a=1>` {#own} "],
    ],
    [
      ["## A <Badge text='x'/> ##", "# Title <Badge text='{x}'/>"],
      ["## A x {\u{e000}A}", "# Title {x} {\u{e000}Title}"],
    ],
    [
      [
        'Use a <Tooltip tip="one unit">pod</Tooltip> or <Icon name="check"/>',
        "and <Card title={'A \"b\"'} x={{a: {b: 1}}}>",
      ],
      ["Use a pod (one unit) or ", 'and **A "b":** '],
    ],
    [
      [
        "<Note>Mind</Note>",
        '<Callout type="warning" emoji="!">',
        "</Callout>",
        '<Callout type="info" title="Own">',
        '<Image alt="Two boxes"/>',
      ],
      ["**Note:** Mind", "**Warning:** ", "", "**Own:** ", "Two boxes"],
    ],
    [
      ["::: {.callout-tip}", ":::", '::: {.callout-note title="Own"}', "::: {#id}"],
      ["**Tip:**", "", "**Own:**", ""],
    ],
    [
      ['<Card title="Quick start"', '  href="/x" icon={<I a="x" />}', ">Body", "</Card>", "  <Step", "  >"],
      ["**Quick start:** Body", "", "", "", "  <Step", "  >"],
    ],
    [
      ["import { A,", "  B, } from 'x';", "", "export const meta = {", "  a: [1]", "};", "Text"],
      ["", "", "", "", "", "", "Text"],
    ],
    [
      ["!!! note", "---", "Text", "", ":::note", "===", ":::", "> [!TIP]", "> ---"],
      ["**Note:**", "***", "Text", "", "**Note:**", "\\===", "", "> **Tip:**", "> ***"],
    ],
    [
      [":::note[Your **Title**]", ":::", '<Card title="A *x* of my_var">Body</Card>'],
      ["**Your Title:**", "", "**A \\*x\\* of my_var:** Body"],
    ],
  ])("reads %j", (lines, expected) => {
    expect(plain(...lines)).toEqual(expected);
  });

  it.each([
    "Enter <Your name> or import { x } from there",
    "{% highlight sh %}",
    "kill <PID> and use {{ .Chart.Name }} of {name}, i++ or a::b",
    "A placeholder <Name> that nothing closes",
    "Inline `{ .cls }` and `:material-check:` and `<Tabs/>`",
    "    indented code {* x *}",
    "/// a comment where nothing is closed",
    "Title",
    "===",
    "=== RUN TestOne",
    "export const values are kept until the end",
    "export default settings live in (the file",
    "export function names must be unique [see",
    'import the module "foo" from "bar"',
  ])("leaves %s alone", (line) => {
    expect(plain(line)).toEqual([line]);
  });

  it("never changes the number of lines", () => {
    const line = fc.constantFrom(
      ...[
        "```",
        "````",
        "```{note}",
        ":::{code} x",
        ":::",
        ":a: b",
        "",
        "text",
        "<Tabs",
        '  a="b"',
        ">",
        "import { A,",
      ],
      ...[
        "```{toctree}",
        ":hidden:",
        "} from 'x';",
        "export const a = {",
        "};",
        "{% highlight x %}",
        "{% endhighlight %}",
      ],
      ...['!!! note "x"', "    ```sh", "    y", '=== "t"', "~~~", "```{code-block} py", "::: a.b"],
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), (lines) => {
        expect(plain(...lines)).toHaveLength(Math.max(1, lines.length));
      }),
      { numRuns: 1000 },
    );
  });

  it("takes linear time on hostile lines", () => {
    for (const piece of [
      "<Aa x={",
      "<Aa\n",
      "import {\n",
      "{% highlight a %}",
      "```{note}\n",
      '<Aa tip="',
      "{ .a ",
      "<A b ",
      "++a+",
      "{% a ",
      ":::",
      "!!! a ",
      "`",
      "<Aa {\n",
      "<Name> ",
      "- a\n\n      x\n",
      "> - ",
      "```{note}\n---\na: b\n",
      "::: note *a ",
    ])
      expect(processorMs(() => plainMarkdown(piece.repeat(20_000)))).toBeLessThan(1000);
  });
});
