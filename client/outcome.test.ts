import type { WorkflowHandle } from "@temporalio/client";
import { ActivityFailure, ApplicationFailure, CancelledFailure, RetryState } from "@temporalio/common";
import { describe, expect, test } from "vitest";
import { WinnowError } from "../core/base/errors.ts";
import { asWinnowError, resultOf } from "./outcome.ts";

function failedActivity(cause: Error): Error {
  const activity = new ActivityFailure("activity failed", "respond", "1", RetryState.NON_RETRYABLE_FAILURE, "w", cause);
  return Object.assign(new Error("workflow failed"), { cause: activity });
}

describe("a failure of Temporal", () => {
  test("becomes the named error at its root and stays its cause", () => {
    const failure = failedActivity(ApplicationFailure.nonRetryable("no release a", "UnknownRelease"));
    const error = asWinnowError(failure);
    expect(error).toBeInstanceOf(WinnowError);
    expect(error).toMatchObject({ code: "UnknownRelease", message: "no release a", cause: failure });
  });

  test("keeps the message and code that were chosen, whatever caused them", () => {
    const named = new WinnowError("BadQuestionSet", "set.jsonl is not UTF-8", { cause: new TypeError("encoded data") });
    expect(asWinnowError(new Error("wrapped", { cause: named }))).toBe(named);
    const failure = ApplicationFailure.create({
      message: "set.jsonl",
      type: "BadQuestionSet",
      cause: new Error("odd"),
    });
    expect(asWinnowError(failedActivity(failure))).toMatchObject({ code: "BadQuestionSet", message: "set.jsonl" });
  });

  test("becomes Cancelled for a cancellation", () => {
    expect(asWinnowError(failedActivity(new CancelledFailure("")))).toMatchObject({
      code: "Cancelled",
      message: "cancelled",
    });
  });

  test("without a code is unchanged, and so is an error that is already named", () => {
    for (const error of [
      failedActivity(ApplicationFailure.create({ message: "x", type: "Other" })),
      new WinnowError("Busy", "later", { cause: new Error("queue") }),
      "text",
    ])
      expect(asWinnowError(error)).toBe(error);
  });
});

describe("waiting for a workflow", () => {
  function running() {
    let fail: (error: Error) => void = () => {};
    const ended = new Promise((_, reject) => (fail = reject));
    const calls = { cancelled: 0 };
    const handle = {
      result: () => ended,
      async cancel() {
        calls.cancelled++;
        fail(failedActivity(new CancelledFailure("stopped")));
      },
    } as unknown as WorkflowHandle;
    return { handle, calls };
  }

  test("cancels it when the signal aborts, and ends when it ends", async () => {
    const { handle, calls } = running();
    const stop = new AbortController();
    const result = resultOf(handle, stop.signal);
    stop.abort();
    await expect(result).rejects.toMatchObject({ code: "Cancelled", message: "stopped" });
    expect(calls.cancelled).toBe(1);
  });

  test("cancels it at once when the signal has aborted before", async () => {
    const { handle, calls } = running();
    await expect(resultOf(handle, AbortSignal.abort())).rejects.toMatchObject({ code: "Cancelled" });
    expect(calls.cancelled).toBe(1);
  });

  test("waits for a server that is started again, and names one that refuses", async () => {
    const away = (code: number) => Object.assign(new Error("14 UNAVAILABLE: No connection established"), { code });
    let calls = 0;
    const result = async () => {
      calls++;
      if (calls < 3) throw away(14);
      return "promoted";
    };
    expect(await resultOf({ result } as unknown as WorkflowHandle)).toBe("promoted");
    expect(calls).toBe(3);
    const denied = { result: () => Promise.reject(away(7)) } as unknown as WorkflowHandle;
    await expect(resultOf(denied)).rejects.toMatchObject({ code: 7 });
    expect(asWinnowError(new Error("failed", { cause: away(14) }))).toMatchObject({ code: "TemporalUnreachable" });
  });
});

test("a cancelled question is waited for until its time is over, since without a worker it never ends", async () => {
  const never = { cancel: async () => {}, result: () => new Promise(() => {}) } as unknown as WorkflowHandle;
  const stop = new AbortController();
  const waited = resultOf(never, stop.signal, { leaveMs: 20 });
  stop.abort();
  await expect(waited).rejects.toMatchObject({ code: "Cancelled" });
});
