import { describe, expect, it } from "vitest";
import { readableRow, tableRows } from "./tables.ts";

const shown = (passage: string) =>
  tableRows(passage)
    .filter((row) => !row.isHeader)
    .map(readableRow);

describe("tableRows", () => {
  it("writes a row out with the names of its columns, and leaves empty cells out", () => {
    const passage =
      "Ports in use.\nPort Range | Purpose | Used By\n6443 | Kubernetes API | All\n10250 | | Self\nMore prose.";
    expect(shown(passage)).toEqual([
      "Port Range: 6443; Purpose: Kubernetes API; Used By: All",
      "Port Range: 10250; Used By: Self",
    ]);
  });

  it("needs no names for two columns: the first is the key", () => {
    expect(shown("Field | Description\nname [Required] string | The name of it.")).toEqual([
      "name [Required] string: The name of it.",
    ]);
  });

  it("does not read a first row of values or flags as a header", () => {
    expect(tableRows("--dry-run | Print only.\n--force | Do it anyway.").map((row) => row.isHeader)).toEqual([
      false,
      false,
    ]);
    expect(shown("a sentence that ends. | b\nc | d")).toEqual(["a sentence that ends.: b", "c: d"]);
  });

  it("ignores bars in code", () => {
    expect(tableRows("```\nps aux | grep kubelet\ncat x | sort\n```")).toEqual([]);
  });

  it("ignores code in a longer fence, including fences inside it", () => {
    expect(tableRows("````\n```\na | b\nc | d\n```\ne | f\n````\nx | y\nz | w").map(({ cells }) => cells)).toEqual([
      ["x", "y"],
      ["z", "w"],
    ]);
  });

  it("does not read a lone line, a list item or a pipe in brackets as a table", () => {
    expect(tableRows("Then run kubectl get pods | grep Failed in your shell.\nIt prints them.")).toEqual([]);
    expect(tableRows("- kubectl get pods | grep a\n- kubectl get nodes | grep b")).toEqual([]);
    expect(tableRows("Use annotate (-f FILE | NAME).\nUse label (-f FILE | NAME).")).toEqual([]);
  });

  it("reads a flag's description below the flag as a row without its name", () => {
    expect(shown("--as-group strings\n | Group to impersonate.\n--as string\n| User to impersonate.")).toEqual([
      "Group to impersonate.",
      "User to impersonate.",
    ]);
  });

  it("keeps pipes in brackets or code spans within their cell", () => {
    const passage =
      "Operation | Syntax | Description\n" +
      "annotate | kubectl annotate (-f FILE | TYPE [NAME | -l label]) KEY=VAL | Adds them.\n" +
      "find | `kubectl get | grep` | Finds it.\nsmile | :( | Broken.";
    expect(shown(passage)).toEqual([
      "Operation: annotate; Syntax: kubectl annotate (-f FILE | TYPE [NAME | -l label]) KEY=VAL; Description: Adds them.",
      "Operation: find; Syntax: `kubectl get | grep`; Description: Finds it.",
      "Operation: smile; Syntax: :(; Description: Broken.",
    ]);
  });

  it("shows a row with more bars than its header unchanged, and keeps the header for the rows below", () => {
    expect(shown("Field | Use\nmode | one of: A | B.\nname | The name.\nlast | |")).toEqual([
      "mode | one of: A | B.",
      "name: The name.",
      "last",
    ]);
    expect(shown("Field | Use\nmode | The mode.\nPort | Use | By\n6443 | API | All")).toEqual([
      "mode: The mode.",
      "Port: 6443; Use: API; By: All",
    ]);
  });

  it("returns each row's exact position", () => {
    const passage = "Intro\nName | Use\nx | first\ny | second";
    expect(tableRows(passage).map(({ start, end }) => passage.slice(start, end))).toEqual([
      "Name | Use",
      "x | first",
      "y | second",
    ]);
  });
});
