import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Decision, Vote } from "../../contracts/feedback.ts";
import { folderRecords } from "../storage/records.ts";
import { KEYS } from "./testing/finished.ts";
import { Votes } from "./votes.ts";

const fresh = () => mkdtempSync(join(tmpdir(), "winnow-votes-"));

function vote(answer: string, at: string, more: Partial<Vote> = {}): Omit<Vote, "id"> {
  return {
    ...{ at, answer, vote: "up" as const, passage: null, place: null, comment: null, voter: null },
    ...{ corpus: "docs", release: "r1", kind: "extractive" as const, cited: ["p1"], questionDigest: null },
    ...more,
  };
}

function decision(id: string, by: string, verdict: Decision["verdict"] = "accept"): Decision {
  return {
    vote: id,
    verdict,
    at: "2026-11-30T12:00:00.000Z",
    by,
    reason: null,
    question: "what is a pod?",
    passages: [],
  };
}

test("votes are found by their id and by their answer, and are undecided", async () => {
  const votes = new Votes(folderRecords(fresh()), null);
  const late = await votes.add(vote("ask-1", "2026-11-30T10:00:00.000Z", { vote: "down" }));
  const early = await votes.add(vote("ask-1", "2026-11-29T10:00:00.000Z"));
  const other = await votes.add(vote("ask-2", "2026-11-30T11:00:00.000Z", { corpus: "other" }));
  expect(early.id).toMatch(/^vote-20261129-[0-9a-f]{18}$/);
  expect(await votes.read(late.id)).toEqual({ ...late, state: "undecided", decision: null });
  expect(await votes.read("vote-20261129-000000000000000000")).toBeNull();
  expect(await votes.read("../champions/docs/000001")).toBeNull();
  expect((await votes.on("ask-1")).map(({ id }) => id)).toEqual([early.id, late.id]);
  expect((await votes.list()).votes.map(({ id }) => id)).toEqual([other.id, late.id, early.id]);
  expect((await votes.list({ corpus: "docs", since: "2026-11-30T00:00:00.000Z" })).votes).toHaveLength(1);
});

test("of two who decide, the second is told by whom and how it was decided", async () => {
  const home = fresh();
  const votes = new Votes(folderRecords(home), null);
  const { id } = await votes.add(vote("ask-1", "2026-11-30T10:00:00.000Z"));
  const ends = await Promise.allSettled(["ada", "bob"].map((by) => votes.decide(decision(id, by))));
  expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const winner = (await votes.read(id))!.decision!.by;
  await expect(votes.decide(decision(id, "eve", "reject"))).rejects.toMatchObject({
    code: "AlreadyDecided",
    message: `${id} was accepted by ${winner} at 2026-11-30T12:00:00.000Z; --again decides it anew`,
  });
  await votes.decide(decision(id, "eve", "reject"), { again: true });
  expect(await votes.read(id)).toMatchObject({ state: "rejected", decision: { by: "eve" } });
  expect(readdirSync(join(home, "decisions", "2026-11-30"))).toEqual([`${id}.1.json`, `${id}.2.json`]);
});

test("a rejection takes the question's text out of the decisions before it", async () => {
  const home = fresh();
  const votes = new Votes(folderRecords(home), null);
  const { id } = await votes.add(vote("ask-1", "2026-11-30T10:00:00.000Z"));
  await votes.decide(decision(id, "ada"));
  await votes.decide({ ...decision(id, "eve", "reject"), question: null }, { again: true });
  const folder = join(home, "decisions", "2026-11-30");
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  expect(texts).toHaveLength(2);
  expect(texts.join("")).not.toContain("what is a pod?");
  expect(texts[0]).toContain("ada");
});

test("a later vote of the same voter on the same thing takes the place of the earlier one", async () => {
  const votes = new Votes(folderRecords(fresh()), null);
  const voter = "page-1234";
  await votes.add(vote("ask-1", "2026-11-30T10:00:00.000Z", { voter }));
  await votes.add(vote("ask-1", "2026-11-30T10:00:01.000Z", { voter, vote: "down" }));
  await votes.add(vote("ask-1", "2026-11-30T10:00:02.000Z", { voter, passage: "p1" }));
  await votes.add(vote("ask-1", "2026-11-30T10:00:03.000Z"));
  const states = (await votes.on("ask-1")).map(({ vote, state }) => [vote, state]);
  expect(states).toEqual([
    ["up", "superseded"],
    ["down", "undecided"],
    ["up", "undecided"],
    ["up", "undecided"],
  ]);
});

test("votes and decisions are encrypted with the payload keys", async () => {
  const home = fresh();
  const votes = new Votes(folderRecords(home), KEYS);
  const { id } = await votes.add(vote("ask-1", "2026-11-30T10:00:00.000Z", { comment: "the port is wrong" }));
  await votes.decide(decision(id, "ada"));
  const day = "2026-11-30";
  expect(readFileSync(join(home, "votes", day, `${id}.json`), "utf8")).not.toContain("port");
  expect(readFileSync(join(home, "decisions", day, `${id}.1.json`), "utf8")).not.toContain("pod");
  expect(await votes.read(id)).toMatchObject({
    comment: "the port is wrong",
    decision: { question: "what is a pod?" },
  });
  expect(await new Votes(folderRecords(home), null).list()).toMatchObject({ votes: [], hidden: 1, hiddenDecided: 1 });
});

test("votes on an answer are looked for from its day on, and decisions only where there are votes on it", async () => {
  const home = folderRecords(fresh());
  const votes = new Votes(home, null);
  const late = await votes.add(vote("ask-1", "2026-11-30T10:00:00.000Z"));
  for (const at of ["2026-11-27T10:00:00.000Z", "2026-11-29T10:00:00.000Z"]) await votes.add(vote("ask-2", at));
  const lists: string[] = [];
  const watched = { ...home, list: (folder: string) => lists.push(folder) && home.list(folder) };
  const found = await new Votes(watched as typeof home, null).on("ask-1", "2026-11-28T09:00:00.000Z");
  expect(found.map(({ id }) => id)).toEqual([late.id]);
  expect(lists.sort()).toEqual(["decisions/2026-11-30", "votes", "votes/2026-11-29", "votes/2026-11-30"]);
});
