import { describe, expect, it, test } from "vitest";
import { bounded } from "../bounded.ts";
import { readTree } from "./testing/sampleTree.ts";

const code = (source: unknown, outputs: unknown[] = [], metadata = {}) => ({
  cell_type: "code",
  metadata,
  outputs,
  source,
});

function read(value: unknown, text = JSON.stringify(value, null, 1)) {
  const made = bounded(() => readTree({ files: [{ path: "a.ipynb", bytes: Buffer.from(text) }], generator: null }));
  if ("reason" in made) throw new Error(made.reason);
  return { text: made.made.pages.flatMap(({ passages }) => passages.map((one) => one.text)).join("\n"), ...made.made };
}

const notebookOf = (cells: unknown[], language = "python") => ({
  cells,
  metadata: { kernelspec: { language } },
  nbformat: 4,
});

test("a code cell has its kernel's language, and an output is marked", () => {
  const stream = { output_type: "stream", name: "stdout", text: ["\u001b[0;32m42\u001b[0m\n"] };
  const { text } = read(notebookOf([code(["answer <- 42\n", "answer"], [stream])], "R"));
  expect(text).toBe("```r\nanswer <- 42\nanswer\n```\n```output\n42\n```");
});

test("a source is a string or a list, on one line of the file or on many", () => {
  const cells = [{ cell_type: "markdown", source: "# One\n\nText" }, code(["a\n", "b"])];
  for (const indent of [0, 1]) {
    const { text, pages } = read(null, JSON.stringify(notebookOf(cells), null, indent));
    expect(text).toBe("Text\n```python\na\nb\n```");
    expect(pages[0]!.page.title).toBe("One");
  }
});

test("each line of a long cell is found on its line of the file", () => {
  const lines = Array.from({ length: 60 }, (_, i) => `step_${i} = compute(${i}) # w${i}`);
  const text = JSON.stringify(notebookOf([code(lines.map((line) => `${line}\n`))]), null, 1);
  const { pages } = read(null, text);
  const at = text.split("\n").findIndex((line) => line.includes("# w41")) + 1;
  const holder = pages[0]!.passages.find((passage) => passage.text.includes("# w41"))!;
  expect(holder.lines[0]).toBeLessThanOrEqual(at);
  expect(holder.lines[1]).toBeGreaterThanOrEqual(at);
  const whole = read(null, JSON.stringify(notebookOf([code(lines.join("\n"))]))).pages[0]!.passages;
  expect(whole.every((passage) => passage.lines[0] === 1 && passage.lines[1] === 1)).toBe(true);
});

test("what is drawn leaves its picture out, and a long output says what it lost", () => {
  const png = "iVBORw0KGgo".repeat(40_000);
  const drawn = {
    output_type: "display_data",
    data: { "image/png": png, "text/plain": "<Figure size 640x480 with 1 Axes>" },
  };
  const long = { output_type: "stream", text: Array.from({ length: 500 }, (_, i) => `row ${i}\n`) };
  const { text } = read(notebookOf([code("plot()", [drawn, long])]));
  expect(text).not.toContain("iVBOR");
  expect(text).not.toContain("Figure");
  expect(text).toContain("row 59");
  expect(text).toContain("(output shortened: 440 more lines)");
});

test("a displayed Markdown text is read as Markdown, and an object's name stays if nothing is drawn", () => {
  const shown = {
    output_type: "display_data",
    data: { "text/markdown": "**Bold** words", "text/plain": "<IPython.core.display.Markdown object>" },
  };
  const object = { output_type: "execute_result", data: { "text/plain": "<Client object at 0x7f>" } };
  const { text } = read(notebookOf([code("a", [shown, object])]));
  expect(text).toContain("Bold words");
  expect(text).not.toContain("IPython");
  expect(text).toContain("<Client object at 0x7f>");
});

test("cells removed by tags of Jupyter Book are not shown", () => {
  const tagged = (tag: string) =>
    code(`input_${tag}`, [{ output_type: "stream", text: `output_${tag}` }], { tags: [tag] });
  const { text } = read(notebookOf(["remove-cell", "remove_input", "remove-output", "other"].map(tagged)));
  const shown = text.match(/(?:in|out)put_[\w-]+/g);
  expect(shown).toEqual(["output_remove_input", "input_remove-output", "input_other", "output_other"]);
});

describe("a file that is no notebook is refused with the reason", () => {
  it.each([
    ["{", "is not valid JSON: it breaks off"],
    ['{\n"cells": [,]}', "is not valid JSON: line 2 is broken"],
    ["[1]", "is no Jupyter notebook: it has no list of cells"],
    ['{"cells": {}}', "is no Jupyter notebook: it has no list of cells"],
    [`${"[".repeat(200_000)}`, "is nested deeper than 100 levels"],
    [JSON.stringify(notebookOf([code("x".repeat(300_000))])), "has a line of 300000 characters"],
  ])("%#", (text, reason) => {
    expect(read(null, text).reasons).toEqual([{ page: "a.ipynb", reason }]);
  });
});

test("values of the wrong type are passed over", () => {
  const cells = [null, 7, [], {}, { cell_type: 3 }, { cell_type: "heading", level: "x", source: "Head" }];
  const odd = [code({ a: 1 }, [null, 3, { data: [] }, { text: 5 }]), code([1, "shown", null]), "text"];
  const { text, pages } = read({ ...notebookOf([...cells, ...odd]), metadata: [] });
  expect(text).toContain("shown");
  expect(pages[0]!.sections.map(({ heading }) => heading.at(-1))).toContain("Head");
});

test("an output that nests too deeply is shown as its source, and the rest of the page stays", () => {
  const outputs = ["<div>".repeat(20_000), `${"> ".repeat(3_000)}x`].map((text, i) => ({
    data: { [i === 0 ? "text/html" : "text/markdown"]: text },
  }));
  const { text } = read(notebookOf([code("kept()", outputs)]));
  expect(text).toContain("kept()");
  expect(text).toContain("(output shortened)");
});
