import { beforeEach, expect, it, test, vi } from "vitest";
import { openIo } from "./io.ts";
import { progressBar } from "./progressBar.ts";
import { ProgressLine } from "./progressLine.ts";
import { printable } from "./style.ts";
import { TimeLeft } from "./timeLeft.ts";
import { widthOf } from "./wrap.ts";

beforeEach(() => {
  vi.stubEnv("NO_COLOR", "1");
});

const note = "loss 1.204, 5.1 pairs/s, 3 min left";

function shown(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  let now = 0;
  const out = { isTTY, columns, write: (text: string | Uint8Array) => written.push(`${text}`) > 0 };
  const line = new ProgressLine(openIo(false, out, out), () => now);
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { line, written, pass };
}

it("rewrites one line on a terminal", () => {
  const { line, written } = shown(true);
  line.show({ step: 10, of: 40, note });
  line.show({ step: 20, of: 40, note });
  line.clear();
  expect(written).toEqual([
    `\r\x1b[2K█████░░░░░░░░░░░░░░░  25 %  10/40 ${note}`,
    `\r\x1b[2K██████████░░░░░░░░░░  50 %  20/40 ${note}`,
    "\r\x1b[2K",
  ]);
});

it("writes a plain line every five seconds without a terminal", () => {
  const { line, written, pass } = shown(false);
  for (let step = 1; step <= 12; step++) {
    line.show({ step, of: 40, note });
    pass(1000);
  }
  line.clear();
  expect(written).toEqual([1, 6, 11].map((step) => `step ${step} of 40  ${note}\n`));
  pass(5000);
  line.show({ step: 3, of: 90, note: "3 of 90 MB, model.safetensors" });
  pass(5000);
  line.show({ step: 0, of: 1, note: "0 of 1 MB, config.json" });
  expect(written.slice(3)).toEqual(["3 of 90 MB, model.safetensors\n", "0 of 1 MB, config.json\n"]);
});

test.each([20, 36, 60, 80, 120, 200])(
  "a bar fits into %d columns and never ends inside a number or word",
  (columns) => {
    const progress = { step: 1234, of: 4000, note: "questions scored, pass 1 of 2", left: 95 };
    const bar = printable(progressBar(progress, columns), false);
    expect(widthOf(bar)).toBeLessThanOrEqual(columns);
    expect(bar).toMatch(/^█+░+ +30 %( {2}2 min left)?( {2}1234\/4000( questions scored, pass 1 of 2)?)?$/);
    expect(bar.includes("2 min left")).toBe(columns >= 36);
  },
);

test("a note that counts, or that gives the time left, is not repeated", () => {
  const bar = (text: string) => printable(progressBar({ step: 1, of: 90, note: text, left: 30 }, 80), false);
  expect(bar("questions scored: 1 of 90")).toMatch(/1 % {2}30 s left {2}questions scored: 1 of 90$/);
  expect(bar(note)).toMatch(/1 % {2}1\/90 loss 1.204, 5.1 pairs\/s, 3 min left$/);
  expect(progressBar({ step: 0, of: 1, note: "waiting for a lock" }, 80)).toBe("waiting for a lock");
});

test("the time left comes from the speed so far, and begins anew when a share falls", () => {
  let now = 0;
  const left = new TimeLeft(() => now);
  expect(left.at(0)).toBeNull();
  now = 10_000;
  expect(left.at(0.25)).toBeCloseTo(30);
  now = 12_000;
  expect(left.at(0.1)).toBeNull();
  now = 22_000;
  expect(left.at(0.2)).toBeCloseTo(80);
});
