import { describe, expect, it } from "vitest";
import { processorMs } from "../../../../tests/processorTime.ts";
import { isStatement, Statements } from "./statements.ts";

const countOf = (lines: string[]) => new Statements(lines).count(0);

describe("statements of MDX", () => {
  it.each([
    "import Tabs from '@theme/Tabs';",
    'import A, { B, c as d } from "x"',
    'import * as x from "y"',
    'import "./style.css";  ',
    "export const a = 1;",
    "export const Box = ({ children }) => <div/>",
    "export default Layout;",
    "export default ({ children }) => <div/>",
    "export default function Page() {",
    "export async function load({ a }) { return a }",
  ])("are told by their marks: %s", (line) => {
    expect(isStatement(line)).toBe(true);
  });

  it.each([
    'import the module "foo" from "bar"',
    "import data from the backup",
    "export const values are kept until the end",
    "export default settings live in (the file",
    "export function names must be unique",
  ])("are not told by their first words: %s", (line) => {
    expect(isStatement(line)).toBe(false);
  });

  it("end with their brackets; prose and unclosed tags stay separate lines", () => {
    expect(countOf(["export function F({", "  a,", "}) {", "  return a;", "}", "Text"])).toBe(5);
    expect(countOf(["export function names are [see", "these] lines"])).toBe(1);
    expect(countOf(["<Card icon={", "  <I a='>' />", "} x", ">Body"])).toBe(4);
    expect(countOf(["<Card and", "<Card title='x'>"])).toBe(1);
  });

  it("take linear time if they are not closed, also on long lines", () => {
    const long = "x".repeat(500);
    const pieces = [
      `<Foo ${long}\n`,
      `<Foo a={${long}\n`,
      `<Foo a={${"{}".repeat(250)}\n`,
      `export const a = {${long}\n`,
    ];
    for (const piece of [...pieces, `export function ${" ".repeat(500)}x\n`]) {
      const lines = piece.repeat(3000).split("\n");
      const statements = new Statements(lines);
      expect(processorMs(() => lines.map((_, at) => statements.count(at)))).toBeLessThan(2000);
    }
  });
});
