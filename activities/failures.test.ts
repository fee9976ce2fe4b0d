import { Context } from "@temporalio/activity";
import { type ApplicationFailure, CancelledFailure } from "@temporalio/common";
import { MockActivityEnvironment } from "@temporalio/testing";
import { expect, test } from "vitest";
import { ERROR_CODES, WinnowError } from "../core/base/errors.ts";
import { checkPayload, failureInterceptors, toFailure } from "./failures.ts";

test.each(ERROR_CODES)("%s keeps its name and message", (code) => {
  expect(toFailure(new WinnowError(code, "what and where"))).toMatchObject({ type: code, message: "what and where" });
});

test("only errors that a retry can fix are retryable", () => {
  const retried = ERROR_CODES.filter(
    (code) => !(toFailure(new WinnowError(code, "")) as ApplicationFailure).nonRetryable,
  );
  expect(retried).toEqual([
    "SourceUnavailable",
    "ComputeCrashed",
    "StoreUnavailable",
    "VectorServerUnavailable",
    "LockLost",
    "Cancelled",
    "LlmUnavailable",
    "HubUnavailable",
    "TemporalUnreachable",
  ]);
});

test("the delay that an endpoint requests becomes the delay of the next attempt", () => {
  const error = new WinnowError("LlmUnavailable", "429", { retryAfterMs: 7000 });
  expect(toFailure(error)).toMatchObject({ nextRetryDelay: 7000, nonRetryable: false });
});

test("a payload above 64 KB is refused for good, one below it passes", () => {
  checkPayload("x", "a".repeat(60_000));
  expect(() => checkPayload("ingest", "ü".repeat(40_000))).toThrow(/ingest: 80002 bytes.*at most 65536/);
});

/** The failure that Temporal receives from an activity that throws on cancellation. */
async function thrownWhenCancelled(reason: string, error: Error): Promise<unknown> {
  const environment = new MockActivityEnvironment();
  const run = environment.run(async () => {
    const { inbound } = failureInterceptors(Context.current());
    return inbound!.execute!({ args: [], headers: {} }, async () => {
      await new Promise((settle) => Context.current().cancellationSignal.addEventListener("abort", settle));
      throw error;
    });
  });
  environment.cancel(reason as never);
  return run.catch((thrown) => thrown);
}

test("a cancelled activity ends as cancelled, whatever its child process reported", async () => {
  expect(await thrownWhenCancelled("CANCELLED", new WinnowError("Cancelled", "train was cancelled"))).toBeInstanceOf(
    CancelledFailure,
  );
});
