import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Verdict, Vote } from "../../contracts/feedback.ts";
import { acceptedLabels } from "../records/labels.ts";
import { Votes } from "../records/votes.ts";
import { folderRecords } from "../storage/records.ts";
import { labelsRead } from "./labels.ts";

const votes = new Votes(folderRecords(mkdtempSync(join(tmpdir(), "winnow-labels-"))), null);
const labels = (corpus = "docs") => acceptedLabels(votes, corpus);
const digest = async () => (await labelsRead({ labels }, "docs")).digest;

async function voted(hour: number, more: Partial<Vote>, verdict: Verdict | null = "accept", ids = ["p1"]) {
  const { id } = await votes.add({
    ...{ at: `2026-11-30T${hour}:00:00.000Z`, answer: "ask-1", vote: "up", passage: null, place: null, comment: null },
    ...{ voter: null, corpus: "docs", release: "r1", kind: "extractive", cited: ["p1"], questionDigest: null },
    ...more,
  });
  const passages = ids.map((passage) => ({ id: passage, page: `${passage}.md`, textDigest: `text of ${passage}` }));
  const decided = { vote: id, at: "2026-11-30T23:00:00.000Z", by: "ada", reason: null };
  if (verdict) await votes.decide({ ...decided, verdict, question: "what is a pod?", passages });
  return id;
}

test("only accepted votes on the corpus are labels, and each of them changes the key of the training", async () => {
  expect(await digest()).toBe("none");
  await voted(10, {}, null);
  await voted(10, {}, "reject");
  await voted(10, { corpus: "other" });
  await voted(10, { vote: "down" });
  expect(await labels()).toEqual([]);
  expect(await digest()).toBe("none");
  const id = await voted(11, {}, "accept", ["p1", "p2"]);
  expect(await labels()).toEqual(
    ["p1", "p2"].map((passage) => ({
      ...{ vote: id, question: "what is a pod?", verdict: "up", passage },
      ...{ page: `${passage}.md`, textDigest: `text of ${passage}` },
    })),
  );
  const before = await digest();
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  const later = await voted(12, { vote: "down", passage: "p2" }, "accept", ["p2"]);
  expect((await labels()).map(({ passage, verdict }) => [passage, verdict])).toEqual(
    expect.arrayContaining([
      ["p1", "up"],
      ["p2", "down"],
    ]),
  );
  expect(await labels()).toHaveLength(2);
  expect(await digest()).not.toBe(before);
  await votes.decide(
    {
      vote: later,
      verdict: "reject",
      at: "2026-11-30T23:30:00.000Z",
      by: "bob",
      reason: null,
      question: null,
      passages: [],
    },
    { again: true },
  );
  expect(await digest()).toBe(before);
});

test("a decided vote that cannot be read stops the training, which would unlearn it; a damaged undecided one does not", async () => {
  const home = mkdtempSync(join(tmpdir(), "winnow-labels-"));
  const own = new Votes(folderRecords(home), null);
  const at = "2026-11-30T10:00:00.000Z";
  const { id } = await own.add({
    ...{ at, answer: "ask-1", vote: "up", passage: null, place: null, comment: null, voter: null, corpus: "docs" },
    ...{ release: "r1", kind: "extractive", cited: ["p1"], questionDigest: null },
  });
  writeFileSync(join(home, "votes", "2026-11-30", "vote-20261130-000000000000000000.json"), "{");
  expect(await acceptedLabels(own, "docs")).toEqual([]);
  const passages = [{ id: "p1", page: "p1.md", textDigest: "text" }];
  await own.decide({ vote: id, verdict: "accept", at, by: "ada", reason: null, question: "what is a pod?", passages });
  expect(await acceptedLabels(own, "docs")).toHaveLength(1);
  writeFileSync(join(home, "decisions", "2026-11-30", `${id}.1.json`), "{");
  await expect(acceptedLabels(own, "docs")).rejects.toThrow(/^1 votes with a decision cannot be read here/);
});
