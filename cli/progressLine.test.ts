import { expect, it } from "vitest";
import { ProgressLine } from "./progressLine.ts";

function shown(isTTY: boolean, columns = 60) {
  const written: string[] = [];
  let now = 0;
  const write = (text: string) => written.push(text) > 0;
  const line = new ProgressLine({ isTTY, columns, write } as never, () => now);
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { line, written, pass };
}

const note = "loss 1.204, 5.1 pairs/s, 3 min left";

it("rewrites one line on a terminal, cut to its width", () => {
  const { line, written } = shown(true);
  line.show({ step: 10, of: 40, note });
  line.show({ step: 20, of: 40, note });
  line.clear();
  expect(written).toEqual([
    "\r\x1b[2Kstep 10 of 40 [######------------------] loss 1.204, 5.1 pa",
    "\r\x1b[2Kstep 20 of 40 [############------------] loss 1.204, 5.1 pa",
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
});
