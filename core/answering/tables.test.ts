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

  it("takes no first row of values or flags for a header", () => {
    expect(tableRows("--dry-run | Print only.\n--force | Do it anyway.").map((row) => row.isHeader)).toEqual([
      false,
      false,
    ]);
    expect(shown("a sentence that ends. | b\nc | d")).toEqual(["a sentence that ends.: b", "c: d"]);
  });

  it("leaves bars in code alone", () => {
    expect(tableRows("```\nps aux | grep kubelet\ncat x | sort\n```")).toEqual([]);
  });

  it("gives each row's place to the letter", () => {
    const passage = "Intro\nName | Use\nx | first\ny | second";
    expect(tableRows(passage).map(({ start, end }) => passage.slice(start, end))).toEqual([
      "Name | Use",
      "x | first",
      "y | second",
    ]);
  });
});
