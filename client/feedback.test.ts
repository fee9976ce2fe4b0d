import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { IdentifiedAnswer } from "../contracts/askEvents.ts";
import { recordOf } from "../core/records/answerKeeper.ts";
import { openAnswerRecords } from "../core/records/answers.ts";
import { finished } from "../core/records/testing/finished.ts";
import { openStorage } from "../core/storage/openStorage.ts";
import { folderRecords } from "../core/storage/records.ts";
import { testManifest } from "../core/storage/testing/testManifest.ts";
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

test("without a recorded question, --question is checked against the question that Temporal still has", async () => {
  const running = async (): Promise<IdentifiedAnswer> => ({ id: "ask-9", ...finished("ask-9", "").result });
  const known = async () => "what does a Job do?";
  const voted = await addVote(places, { answer: "ask-9", vote: "up" }, running, known);
  expect(voted.questionDigest).toMatch(/^[0-9a-f]{64}$/);
  const unknown = await addVote(places, { answer: "ask-9", vote: "up" }, running);
  expect(unknown.questionDigest).toBeNull();
  const question = "how do I drain a node?";
  for (const { id } of [voted, unknown])
    await expect(
      decideVote(places, id, "accept", { by: "ada", question, questionOf: known, passagesOf }),
    ).rejects.toThrow("this is not the question");
});

test("a vote on an answer whose record cannot be read is recorded all the same", async () => {
  const day = new Date().toISOString().slice(0, 10);
  const answer = (await stored("ask-1"))!;
  writeFileSync(join(places.home, "answers", day, "ask-1.json"), "{");
  expect(await addVote(places, { answer: "ask-1", vote: "up" }, async () => answer)).toMatchObject({ cited: ["p1"] });
});

test("a vote is accepted though gc has taken its release, by the same passages of the docs that serve", async () => {
  const { store, releases } = await openStorage(places.home, null);
  const docs = async (page: string) => {
    const draft = await store.draft("ingest");
    const passage = { id: "p1", page, heading: ["Jobs"], url: "/job", lines: [1, 1], text: "A Job creates pods." };
    writeFileSync(join(draft, "passages.jsonl"), `${JSON.stringify(passage)}\n`);
    const ingest = await store.commit(draft, "ingest");
    const at = new Date().toISOString();
    return { folder: await store.resolve(ingest), ...(await releases.commit({ ...testManifest("docs", at), ingest })) };
  };
  const [voted, serving] = [await docs("old.md"), await docs("new.md")];
  await releases.promote(serving, { expected: null, by: "a test", reason: "the first" });
  const answer = finished("ask-1", "").result;
  const receipt = { ...answer.receipt, release: voted.id };
  const accept = async () => {
    const { id } = await addVote(places, { answer: "ask-1", vote: "up" }, async () => ({
      id: "ask-1",
      ...answer,
      receipt,
    }));
    const question = "what does a Job do?";
    return (await decideVote(places, id, "accept", { by: "ada", question, questionOf: nobody })).decision!.passages;
  };
  expect(await accept()).toMatchObject([{ id: "p1", page: "old.md" }]);
  rmSync(voted.folder, { recursive: true });
  expect(await accept()).toMatchObject([{ id: "p1", page: "new.md" }]);
});

test("a passage that the docs do not hold is named, not left out", async () => {
  const { id } = await addVote(places, { answer: "ask-1", vote: "up" }, stored);
  const question = "what does a Job do?";
  const accept = decideVote(places, id, "accept", {
    ...{ by: "ada", question, questionOf: nobody, passagesOf: async () => [] },
  });
  await expect(accept).rejects.toThrow(`${id}: the docs of release r1 do not hold p1`);
});

test("a rejected vote keeps no question, and an unknown one is named", async () => {
  const { id } = await addVote(places, { answer: "ask-1", vote: "up" }, stored);
  const rejected = await decideVote(places, id, "reject", { by: "bob", questionOf: async () => "what does a Job do?" });
  expect(rejected).toMatchObject({ state: "rejected", decision: { question: null } });
  await expect(decideVote(places, "vote-1", "reject", { by: "bob", questionOf: nobody })).rejects.toThrow(
    "there is no vote vote-1: `winnow feedback list` shows the ids",
  );
});
