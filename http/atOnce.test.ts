import { expect, test } from "vitest";
import type { Doors } from "../client/doors.ts";
import type { AskEvent } from "../contracts/askEvents.ts";
import { limited } from "./atOnce.ts";

const accepted: AskEvent = { event: "accepted", data: { id: "ask-1" } };

/** Doors whose calls last until `end`. */
function slow() {
  const ends: (() => void)[] = [];
  const wait = () => new Promise<never>((_, fail) => ends.push(() => fail(new Error("ended"))));
  const doors = {
    ask: wait,
    search: wait,
    rerank: wait,
    degraded: wait,
    complete: wait,
    passage: wait,
    feedback: wait,
    votes: wait,
    desk: { docsHealth: wait, runs: wait },
    async *follow() {
      yield accepted;
      await wait();
    },
  } as unknown as Doors;
  const end = () => {
    for (const each of ends.splice(0)) each();
  };
  return { doors: limited(doors, 2), end };
}

const BUSY = { code: "Busy", retryAfterMs: 5000 };

test("questions, searches and rerankings share the places, and free them however they end", async () => {
  const { doors, end } = slow();
  const held = [doors.ask("a"), doors.search("b")];
  await expect(doors.rerank("c", ["x"])).rejects.toMatchObject(BUSY);
  await expect(doors.complete!("c")).rejects.toMatchObject(BUSY);
  // It stands in for a late question, which still holds its place.
  const late = doors.degraded("a", { why: "late" });
  await expect(doors.follow("d").next()).rejects.toMatchObject(BUSY);
  end();
  await Promise.allSettled([...held, late]);
  expect(await doors.follow("d").next()).toEqual({ done: false, value: accepted });
});

test("a stream holds its place until it is left", async () => {
  const { doors } = slow();
  const streams = [doors.follow("a"), doors.follow("b")];
  for (const stream of streams) await stream.next();
  await expect(doors.follow("c").next()).rejects.toMatchObject(BUSY);
  await streams[0]!.return(undefined);
  expect(await doors.follow("c").next()).toEqual({ done: false, value: accepted });
});

test.each([
  ["passages", 64, (doors: Doors) => doors.passage("p")],
  ["votes", 16, (doors: Doors) => doors.feedback({ answer: "ask-1", vote: "up" } as never)],
  ["pages of the desk", 32, (doors: Doors) => doors.desk.docsHealth()],
])("%s have places of their own", async (_, places, call) => {
  const { doors, end } = slow();
  const held = Array.from({ length: places }, () => call(doors));
  await expect(call(doors)).rejects.toMatchObject(BUSY);
  expect(await doors.follow("a").next()).toEqual({ done: false, value: accepted });
  end();
  await Promise.allSettled(held);
  const again = call(doors);
  end();
  await expect(again).rejects.toThrow("ended");
});
