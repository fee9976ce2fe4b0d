import { expect, it } from "vitest";
import { unlessAborted } from "../core/base/unlessAborted.ts";
import { Interrupts } from "./interrupts.ts";

function interrupts() {
  const codes: number[] = [];
  return { codes, now: new Interrupts((code) => codes.push(code)) };
}

it("the first interrupt stops the work, the second hurries it, and neither ends the process meanwhile", async () => {
  const { codes, now } = interrupts();
  const told: string[] = [];
  const result = await now.during(
    async ({ stop, hurry }) => {
      now.interrupt(1000);
      expect([stop.aborted, hurry.aborted]).toEqual([true, false]);
      now.interrupt(1500);
      expect([stop.aborted, hurry.aborted]).toEqual([true, true]);
      return "cleaned up";
    },
    () => told.push("cancelling"),
  );
  expect([result, told, codes]).toEqual(["cleaned up", ["cancelling"], []]);
});

it("one key press that arrives from the terminal and from npm counts once", async () => {
  const { now } = interrupts();
  await now.during(async ({ stop, hurry }) => {
    for (const ms of [1000, 1004, 1090]) now.interrupt(ms);
    expect([stop.aborted, hurry.aborted]).toEqual([true, false]);
  });
});

it("outside of work that cleans up, an interrupt ends the process with 130, also after such work", async () => {
  const { codes, now } = interrupts();
  now.interrupt();
  await expect(now.during(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  now.interrupt();
  expect(codes).toEqual([130, 130]);
});

it("wait resolves at the first interrupt, also at one that came before", async () => {
  const { now } = interrupts();
  const waiting = now.wait();
  now.interrupt();
  await waiting;
  await now.wait();
});

it("work is abandoned at the signal, and its result counts before", async () => {
  const stop = new AbortController();
  expect(await unlessAborted(Promise.resolve(3), stop.signal)).toBe(3);
  const never = unlessAborted(new Promise(() => {}), stop.signal);
  stop.abort();
  await expect(never).rejects.toMatchObject({ code: "Cancelled" });
});
