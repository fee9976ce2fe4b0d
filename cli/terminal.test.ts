import { expect, test } from "vitest";
import { readColour } from "../config/terminal.ts";
import { terminalOf } from "./terminal.ts";

const write = () => true;

test("a pipe or file gets unfolded text without colour, unless colour is forced", () => {
  const pipe = { write, isTTY: false, columns: 0 };
  expect(terminalOf(pipe, "auto")).toEqual({ columns: Number.POSITIVE_INFINITY, colour: false, live: false });
  expect(terminalOf(pipe, "always").colour).toBe(true);
});

test("a terminal is folded to its width, within bounds", () => {
  const widths = [10, 60, 80, 120, 200, 400].map((columns) => terminalOf({ write, isTTY: true, columns }, "never"));
  expect(widths.map(({ columns }) => columns)).toEqual([40, 60, 80, 120, 200, 200]);
  expect(widths.some(({ colour }) => colour)).toBe(false);
});

test("NO_COLOR turns colour off, FORCE_COLOR turns it on; empty values count as unset", () => {
  const choices = [{}, { NO_COLOR: "1" }, { NO_COLOR: "" }, { FORCE_COLOR: "1" }, { FORCE_COLOR: "0" }];
  expect(choices.map((env) => readColour(env))).toEqual(["auto", "never", "auto", "always", "never"]);
  expect(readColour({ NO_COLOR: "1", FORCE_COLOR: "1" })).toBe("never");
});
