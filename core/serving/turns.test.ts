import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

const settled = () => new Promise((settle) => setImmediate(settle));

/** A task that lasts until the test ends it. */
function held() {
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const work = (n: number) => () => {
    started.push(n);
    return new Promise<number>((settle) => ends.push(() => settle(n)));
  };
  return { started, ends, work };
}

test("work beyond the limit waits, and gets its turn in order of arrival", async () => {
  const turns = createTurns({ atOnce: 2, waiting: 5 });
  const { started, ends, work } = held();
  const all = Promise.all([1, 2, 3, 4].map((n) => turns.take(work(n))));
  await settled();
  expect(started).toEqual([1, 2]);
  ends[1]!();
  await settled();
  expect(started).toEqual([1, 2, 3]);
  ends[0]!();
  await settled();
  for (const end of ends) end();
  expect(await all).toEqual([1, 2, 3, 4]);
});

test("if too many wait, the next is refused at once with a time to retry", async () => {
  let clock = 0;
  const turns = createTurns({ atOnce: 1, waiting: 2 }, () => clock);
  for (let n = 0; n < 50; n++)
    await turns.take(async () => {
      clock += 4000;
    });
  const { started, ends, work } = held();
  const accepted = [1, 2, 3].map((n) => turns.take(work(n)));
  await expect(turns.take(work(4))).rejects.toMatchObject({
    code: "Busy",
    message: "Busy: 2 questions are already waiting. Try again in 12 s.",
    retryAfterMs: 12_000,
  });
  for (let n = 0; n < 3; n++) {
    await settled();
    ends[n]!();
  }
  expect(await Promise.all(accepted)).toEqual([1, 2, 3]);
  expect(started).toEqual([1, 2, 3]);
  const later = turns.take(work(5));
  ends[3]!();
  expect(await later).toBe(5);
});

test("failed work hands its place to the next", async () => {
  const turns = createTurns({ atOnce: 1, waiting: 2 });
  const fails = turns.take(() => Promise.reject(new Error("broken")));
  const next = turns.take(async () => "next");
  await expect(fails).rejects.toThrow("broken");
  expect(await next).toBe("next");
});

test("work cancelled while waiting leaves the queue", async () => {
  const turns = createTurns({ atOnce: 1, waiting: 1 });
  const { started, ends, work } = held();
  const first = turns.take(work(1));
  const stop = new AbortController();
  const second = turns.take(work(2), stop.signal);
  stop.abort();
  await expect(second).rejects.toMatchObject({ code: "Cancelled" });
  const third = turns.take(work(3));
  ends[0]!();
  await first;
  await settled();
  ends[1]!();
  expect(await third).toBe(3);
  expect(started).toEqual([1, 3]);
});
