import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderRecords, type Records } from "../storage/records.ts";
import { answerKeeper, recordOf, WITHHELD } from "./answerKeeper.ts";
import { openAnswerRecords, questionDigest } from "./answers.ts";
import { finished, KEYS } from "./testing/finished.ts";

const fresh = () => mkdtempSync(join(tmpdir(), "winnow-records-"));
const quiet = () => {};

test("an answer of quotations is kept whole, without the question; with texts, the question too", () => {
  const one = finished("ask-1", "2026-11-30T10:00:00.000Z");
  const digest = questionDigest("WHAT does  a Job do? ");
  const { question: _, ...rest } = { ...recordOf(one, false) };
  expect(recordOf(one, false)).toEqual({ ...rest, question: null });
  expect(rest).toMatchObject({ id: "ask-1", answer: one.result.answer, questionDigest: digest });
  expect(JSON.stringify(recordOf(one, false))).not.toContain("what does");
  expect(recordOf(one, true)).toEqual({ ...rest, question: "what does a Job do?" });
});

test("the text that an LLM wrote is kept only with the questions; sources and receipt always", () => {
  const unsupported = [{ sentence: "What does a Job do?", reason: "no passage" }];
  const one = finished("ask-1", "2026-11-30T10:00:00.000Z", { kind: "llm", unsupported });
  expect(recordOf(one, false)).toMatchObject({ answer: WITHHELD, withheld: true, unsupported: [] });
  expect(recordOf(one, false).citations).toEqual(one.result.citations);
  expect(recordOf(one, true)).toMatchObject({ answer: one.result.answer, unsupported });
  expect(recordOf(one, true)).not.toHaveProperty("withheld");
});

test("a degraded answer is kept without the message of the endpoint, which may repeat the question", () => {
  const answer = `No answer by the language model: 400 in "what does a Job do?". The passages that match best:\n\n[1] x`;
  const one = finished("ask-1", "2026-11-30T10:00:00.000Z", { kind: "degraded", answer });
  const kept = "No answer by the language model: its failure was not kept. The passages that match best:";
  expect(recordOf(one, false).answer).toBe(`${kept}\n\n[1] Jobs: A Job creates pods.`);
  expect(recordOf(one, false)).not.toHaveProperty("withheld");
  expect(recordOf(one, true).answer).toBe(answer);
});

test("records lie by day, are found by their id, and are listed newest first", async () => {
  const home = fresh();
  const answers = openAnswerRecords(folderRecords(home), null);
  const keeper = answerKeeper(answers, { texts: false });
  await keeper.keep(finished("ask-1", "2026-11-28T23:59:59.000Z"), quiet);
  await keeper.keep(finished("ask-2", "2026-11-29T10:00:00.000Z", { kind: "abstained" }), quiet);
  await keeper.keep(finished("ask-3", "2026-11-29T09:00:00.000Z"), quiet);
  expect(readdirSync(join(home, "answers", "2026-11-29"))).toEqual(["ask-2.json", "ask-3.json"]);
  const listed = await answers.list();
  expect(listed.answers.map(({ id }) => id)).toEqual(["ask-2", "ask-3", "ask-1"]);
  expect(listed).toMatchObject({ hidden: 0, more: false });
  expect(await answers.list({ limit: 2 })).toMatchObject({ answers: [{ id: "ask-2" }, { id: "ask-3" }], more: true });
  expect((await answers.list({ kinds: ["abstained"] })).answers).toHaveLength(1);
  expect((await answers.list({ since: "2026-11-29T09:30:00.000Z" })).answers).toHaveLength(1);
  expect((await answers.list({ corpus: "other" })).answers).toEqual([]);
  expect(await answers.read("ask-1")).toMatchObject({ id: "ask-1", receipt: { release: "r1" } });
  expect(await answers.read("ask-4")).toBeNull();
});

test("an attempt that is repeated replaces its record, and any workflow id makes a file name", async () => {
  const home = fresh();
  const answers = openAnswerRecords(folderRecords(home), null);
  const keeper = answerKeeper(answers, { texts: false });
  const at = "2026-11-30T10:00:00.000Z";
  for (const answer of ["first", "second"]) await keeper.keep(finished("../../a b", at, { answer }), quiet);
  expect(readdirSync(join(home, "answers", "2026-11-30"))).toHaveLength(1);
  expect(await answers.read("../../a b")).toMatchObject({ answer: "second" });
});

test("with payload keys a record shows only day and id; without the key it is hidden, not an error", async () => {
  const home = fresh();
  const answers = openAnswerRecords(folderRecords(home), KEYS);
  await answerKeeper(answers, { texts: true }).keep(finished("ask-1", "2026-11-30T10:00:00.000Z"), quiet);
  const file = join(home, "answers", "2026-11-30", "ask-1.json");
  for (const plain of ["Job", "docs", "extractive"]) expect(readFileSync(file, "utf8")).not.toContain(plain);
  expect(await answers.read("ask-1")).toMatchObject({ question: "what does a Job do?" });
  const keyless = openAnswerRecords(folderRecords(home), null);
  await expect(keyless.read("ask-1")).rejects.toThrow("set WINNOW_PAYLOAD_KEYS");
  expect(await keyless.list()).toMatchObject({ answers: [], hidden: 1 });
});

test("a damaged record is counted as hidden, and named when it is asked for", async () => {
  const home = fresh();
  const answers = openAnswerRecords(folderRecords(home), null);
  await answerKeeper(answers, { texts: false }).keep(finished("ask-1", "2026-11-30T10:00:00.000Z"), quiet);
  writeFileSync(join(home, "answers", "2026-11-30", "ask-1.json"), '{"id": "as');
  expect(await answers.list()).toMatchObject({ answers: [], hidden: 1 });
  await expect(answers.read("ask-1")).rejects.toMatchObject({ code: "CorruptArtifact" });
});

test("a store that is down fails no answer, and one that is slow delays only the first", async () => {
  const problems: string[] = [];
  let release = () => {};
  const stuck = new Promise<void>((settle) => {
    release = settle;
  });
  const records = { replace: () => stuck } as unknown as Records;
  const keeper = answerKeeper(openAnswerRecords(records, null), { texts: false });
  const keep = async () => {
    const began = performance.now();
    await keeper.keep(finished("ask-1", "2026-11-30T10:00:00.000Z"), (reason) => problems.push(reason));
    return performance.now() - began;
  };
  expect(await keep()).toBeGreaterThan(90);
  expect(await keep()).toBeLessThan(50);
  release();
  await keeper.close();
  const down = { replace: () => Promise.reject(new Error("no route to the bucket")) } as unknown as Records;
  await answerKeeper(openAnswerRecords(down, null), { texts: false }).keep(
    finished("ask-1", "2026-11-30T10:00:00.000Z"),
    (reason) => problems.push(reason),
  );
  expect(problems).toEqual(["no route to the bucket"]);
});

test("a listing stops at its largest number of reads and says that there is more", async () => {
  const records = folderRecords(fresh());
  const answers = openAnswerRecords(records, null);
  for (const [day, id] of [...["28", "29", "29", "30"].entries()].map(([at, day]) => [day, `ask-${at}`] as const))
    await answers.write(recordOf(finished(id, `2026-11-${day}T10:00:00.000Z`), false));
  const listed = async (mostRead: number) => {
    const { answers: found, more } = await openAnswerRecords(records, null, { mostRead }).list({ corpus: "docs" });
    return { found: found.length, more };
  };
  expect(await listed(4)).toEqual({ found: 4, more: false });
  expect(await listed(3)).toEqual({ found: 3, more: true });
  expect(await listed(2)).toEqual({ found: 2, more: true });
});
