import { expect, it } from "vitest";
import { ERROR_CODES, WinnowError } from "../core/base/errors.ts";
import { toolFailure } from "./failure.ts";

const textOf = (thrown: unknown, causes: boolean) => {
  const { result, hidden } = toolFailure(thrown, { causes });
  expect(result.isError).toBe(true);
  return { text: (result.content[0] as { text: string }).text, hidden };
};

it.each([
  ["UnknownRelease", "Nothing has been released yet.", /Nothing has been released yet\. `status` lists what serves/],
  ["Busy", "Busy: 32 questions are already waiting. Try again in 7 s.", /Try again in 7 s\. Wait as long as it says/],
  ["TemporalUnreachable", "No Temporal server answers.", /`search` and `fetch` work without Temporal/],
] as const)("%s is told with the next step", (code, message, expected) => {
  expect(textOf(new WinnowError(code, message), true).text).toMatch(expected);
});

it.each(ERROR_CODES)("%s shows callers from elsewhere no folder and no address of this machine", (code) => {
  const forCallers = ["BadInput", "BadSource", "BadQuestionSet", "UnknownRelease", "UnknownAnswer", "AlreadyDecided"];
  const callers = [...forCallers, "Busy", "Cancelled"].includes(code);
  const { text, hidden } = textOf(new WinnowError(code, "/srv/winnow at 10.0.0.7"), false);
  expect(text.includes("/srv/winnow")).toBe(callers);
  expect(hidden).toBe(!callers);
});

it("an unexpected error is shown to the operator's own client alone", () => {
  expect(textOf(new TypeError("x is not a function"), false).text).toMatch(/its log has the cause/);
  expect(textOf(new TypeError("x is not a function"), true)).toEqual({ text: "x is not a function", hidden: true });
});

it("a queue that no worker polls is told with what works without", () => {
  const failure = Object.assign(new Error("nobody polls winnow-query: start a worker of the pool query"), {
    type: "NoWorker",
  });
  expect(textOf(failure, true).text).toMatch(/^nobody polls winnow-query.* `search` and `fetch` work/);
  expect(textOf(failure, false).text).toMatch(/^No worker answers questions now\. `search`/);
});
