import { expect, test } from "vitest";
import { bold, marked, printable, verbatim } from "./style.ts";

test("styles become escape sequences with colour, and nothing without", () => {
  expect(printable(`a ${bold("b")}`, true)).toBe("a \x1b[1mb\x1b[0m");
  expect(printable(`a ${bold("b")} ${marked("c")}\n${verbatim("d")}`, false)).toBe("a b c\nd");
});

test("control characters of the docs never reach the terminal, with or without colour", () => {
  const hostile = "a\x1b[2Jb\x07c\x9bd\u202ee\r\nf\tg\rh";
  for (const colour of [true, false])
    expect(printable(hostile, colour)).toBe("a\uFFFD[2Jb\uFFFDc\uFFFDd\uFFFDe\nf\tg\uFFFDh");
});
