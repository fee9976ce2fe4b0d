import { expect, test } from "vitest";
import { QUEUES } from "../../contracts/names.ts";
import { kindsOf, loadOf } from "./queueLoads.ts";

const NOW = 1_700_000_000_000;
const secondsAgo = (seconds: number) => ({ lastAccessTime: { seconds: BigInt(NOW / 1000 - seconds), nanos: 0 } });

test("only the main queue carries workflows", () => {
  expect(kindsOf(QUEUES.main)).toEqual(["workflow", "activity"]);
  expect(kindsOf(QUEUES.gpu)).toEqual(["activity"]);
});

test("a queue is read from the server's reply, and a worker that stopped polling is not counted", () => {
  const stats = { approximateBacklogCount: 7n, approximateBacklogAge: { seconds: 12n, nanos: 500_000_000 } };
  const answer = { pollers: [secondsAgo(5), secondsAgo(80), secondsAgo(200)], stats };
  expect(loadOf({ queue: QUEUES.cpu, kind: "activity" }, answer, {}, NOW)).toEqual({
    queue: "winnow-cpu",
    kind: "activity",
    backlog: 7,
    ageSeconds: 12.5,
    pollers: 2,
  });
});

test("an empty reply is read as an idle queue without workers", () => {
  expect(loadOf({ queue: QUEUES.query, kind: "activity" }, {}, {}, NOW)).toMatchObject({
    backlog: 0,
    ageSeconds: 0,
    pollers: 0,
  });
});

test("a worker too busy to poll is counted by its presence queue; one that polls neither is not", () => {
  const pollersOf = (own: number[], present: number[]) =>
    loadOf(
      { queue: QUEUES.gpu, kind: "activity" },
      { pollers: own.map(secondsAgo) },
      { pollers: present.map(secondsAgo) },
      NOW,
    ).pollers;
  expect(pollersOf([150], [20, 60])).toBe(2);
  expect(pollersOf([30, 40], [20])).toBe(2);
  expect(pollersOf([150], [91])).toBe(0);
});
