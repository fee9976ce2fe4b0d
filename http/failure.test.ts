import { ActivityFailure, ApplicationFailure } from "@temporalio/common";
import { expect, test } from "vitest";
import { ERROR_CODES, WinnowError } from "../core/base/errors.ts";
import { failureOf, HttpFailure, needsLog } from "./failure.ts";

const seen = (thrown: unknown, causes = false) => failureOf(thrown, { causes });

test.each(ERROR_CODES)("%s has a status, and its message is shown on this machine", (code) => {
  const failure = seen(new WinnowError(code, "the cause"), true);
  expect(failure).toMatchObject({ code, message: "the cause" });
  expect(failure.status).toBeGreaterThanOrEqual(400);
});

test("callers elsewhere see the messages about their own input alone", () => {
  expect(seen(new WinnowError("BadInput", "question: empty")).message).toBe("question: empty");
  const failure = seen(new WinnowError("CorruptArtifact", "/home/user/artifact"));
  expect(failure.message).not.toContain("/home");
  expect(needsLog(failure)).toBe(true);
});

test("the wait of a busy worker survives the trip through Temporal, whose failures lose it", () => {
  const busy = ApplicationFailure.nonRetryable("Busy: 3 questions are already waiting. Try again in 7 s.", "Busy");
  const failure = new ActivityFailure("activity failed", "respond", "1", "NON_RETRYABLE_FAILURE", undefined, busy);
  expect(seen(failure)).toMatchObject({ status: 503, code: "Busy", retryAfter: 7 });
  expect(needsLog(seen(failure))).toBe(false);
  expect(seen(new WinnowError("Busy", "no time", { retryAfterMs: 1200 })).retryAfter).toBe(2);
});

test("a pool without workers is an outage, not a mistake of Winnow's", () => {
  const none = ApplicationFailure.nonRetryable("No worker polls winnow-query. Start the query pool", "NoWorker");
  expect(seen(none)).toMatchObject({ status: 503, code: "NoWorker", retryAfter: 15 });
  expect(seen(none).message).not.toContain("winnow-query");
});

test.each([new TypeError("x.y is undefined at /home"), "text", null, { code: 7 }, new Error("key sk-123")])(
  "%s, which nobody expected, shows nothing of itself",
  (thrown) => {
    const failure = seen(thrown, true);
    expect(failure).toMatchObject({ status: 500, code: "Internal" });
    expect(failure.message).not.toMatch(/home|sk-123|undefined/);
  },
);

test("a guard's failure is passed on as it is", () => {
  expect(seen(new HttpFailure(429, "TooManyRequests", "slow down", 3))).toEqual({
    status: 429,
    code: "TooManyRequests",
    message: "slow down",
    retryAfter: 3,
  });
});
