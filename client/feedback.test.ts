import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { IdentifiedAnswer } from "../contracts/askEvents.ts";
import { recordOf } from "../core/records/answerKeeper.ts";
import { openAnswerRecords } from "../core/records/answers.ts";
import { finished } from "../core/records/testing/finished.ts";
import { folderRecords } from "../core/storage/records.ts";
import { addVote, decideVote, listVotes } from "./feedback.ts";
import { recordedAnswer } from "./records.ts";

let places: { home: string; artifacts: null; payloadKeys: null };
const stored = (id: string): Promise<IdentifiedAnswer | null> => recordedAnswer(places, id);
const nobody = async () => null;
const passagesOf = async (release: string, ids: readonly string[]) =>
  ids.map((id) => ({ id, page: `${release}.md`, textDigest: "d" }));

beforeEach(async () => {
  places = { home: mkdtempSync(join(tmpdir(), "winnow-feedback-")), artifacts: null, payloadKeys: null };
  const record = recordOf(finished("ask-1", new Date().toISOString()), false);
  await openAnswerRecords(folderRecords(places.home), null).write(record);
});

test("an answer is read again from its record, without what only the record has", async () => {
  const { result } = finished("ask-1", "");
  expect(await stored("ask-1")).toEqual({ id: "ask-1", ...result });
  expect(await stored("ask-2")).toBeNull();
});

test("an accepted vote has the passages that the answer cites, and the question's text", async () => {
  const { id, cited } = await addVote(places, { answer: "ask-1", vote: "up" }, stored);
  expect(cited).toEqual(["p1"]);
  const questionOf = async (answer: string) => (answer === "ask-1" ? "What does a job do?" : null);
  const vote = await decideVote(places, id, "accept", { by: "ada", reason: "I checked", questionOf, passagesOf });
  expect(vote).toMatchObject({ state: "accepted", decision: { by: "ada", question: "What does a job do?" } });
  expect(vote.decision!.passages).toEqual([{ id: "p1", page: "r1.md", textDigest: "d" }]);
  expect((await listVotes(places, { states: ["accepted"] })).votes).toEqual([vote]);
  expect((await listVotes(places, { states: ["undecided"] })).votes).toEqual([]);
});

test("a question that nobody keeps must be given, and it must be that question", async () => {
  const { id } = await addVote(places, { answer: "ask-1", vote: "down", passage: "p1" }, stored);
  const accept = (question?: string) =>
    decideVote(places, id, "accept", { by: "ada", question, questionOf: nobody, passagesOf });
  await expect(accept()).rejects.toThrow("give it by --question");
  await expect(accept("how do I drain a node?")).rejects.toThrow("this is not the question");
  expect(await accept(" what does a  Job do? ")).toMatchObject({ decision: { question: "what does a  Job do?" } });
  await expect(accept("what does a Job do?")).rejects.toMatchObject({ code: "AlreadyDecided" });
});

test("a rejected vote keeps no question, and an unknown one is named", async () => {
  const { id } = await addVote(places, { answer: "ask-1", vote: "up" }, stored);
  const rejected = await decideVote(places, id, "reject", { by: "bob", questionOf: async () => "what does a Job do?" });
  expect(rejected).toMatchObject({ state: "rejected", decision: { question: null } });
  await expect(decideVote(places, "vote-1", "reject", { by: "bob", questionOf: nobody })).rejects.toThrow(
    "there is no vote vote-1: `winnow feedback list` shows the ids",
  );
});
