import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Verdict, Vote } from "../../contracts/feedback.ts";
import { recordOf } from "../records/answerKeeper.ts";
import { openAnswerRecords } from "../records/answers.ts";
import { finished, KEYS } from "../records/testing/finished.ts";
import { Votes } from "../records/votes.ts";
import { folderRecords } from "../storage/records.ts";
import { fsck } from "./fsck.ts";
import { collectGarbage } from "./gc.ts";
import { oldRecords, stillOld } from "./keptRecords.ts";

const NOW = Date.parse("2026-11-30T12:00:00.000Z");
const keep = { keep: 1, graceHours: 48, inUse: [], apply: true };

/** A home with an old and a new answer, and with three old votes: accepted, rejected, undecided. */
async function home() {
  const folder = mkdtempSync(join(tmpdir(), "winnow-old-"));
  const records = folderRecords(folder);
  const answers = openAnswerRecords(records, KEYS);
  const old = "2026-08-20T10:00:00.000Z";
  for (const at of [old, "2026-11-29T10:00:00.000Z"])
    await answers.write(recordOf(finished(`ask-${at.slice(5, 10)}`, at), false));
  const votes = new Votes(records, KEYS);
  const vote: Omit<Vote, "id"> = {
    ...{ at: old, answer: "ask-08-20", vote: "up", passage: null, place: null, comment: null, voter: null },
    ...{ corpus: "docs", release: "r1", kind: "extractive", cited: ["p1"], questionDigest: null },
  };
  const [accepted, rejected, undecided] = [await votes.add(vote), await votes.add(vote), await votes.add(vote)];
  const decide = (id: string, verdict: Verdict) =>
    votes.decide({ vote: id, verdict, at: old, by: "ada", reason: null, question: "what is a pod?", passages: [] });
  await decide(accepted.id, "accept");
  await decide(rejected.id, "reject");
  return { folder, records, answers, votes, accepted, rejected, undecided };
}

test("gc removes answers and votes by age, with their decisions; accepted votes stay", async () => {
  const { folder, answers, votes, accepted, rejected } = await home();
  const days = (Date.now() - NOW) / (24 * 3600_000) + 90;
  const report = await collectGarbage(folder, { ...keep, records: { days, keys: KEYS } });
  expect(report.removals.map(({ what }) => what).sort()).toEqual(["answers", "decision", "vote", "vote"]);
  expect(report.bytes).toBeGreaterThan(1000);
  expect((await answers.list()).answers.map(({ id }) => id)).toEqual(["ask-11-29"]);
  expect((await votes.list()).votes).toMatchObject([{ id: accepted.id, state: "accepted" }]);
  expect(existsSync(join(folder, "decisions", "2026-08-20", `${rejected.id}.1.json`))).toBe(false);
  expect(await collectGarbage(folder, { ...keep, records: { days, keys: KEYS } })).toMatchObject({ removals: [] });
});

test("records stay for their days, and a vote that cannot be read here stays too", async () => {
  const { records } = await home();
  expect(await oldRecords(records, { days: 103, keys: KEYS }, NOW)).toEqual([]);
  expect(await oldRecords(records, { days: 101, keys: null }, NOW)).toEqual([
    { path: "answers/2026-08-20", what: "answers" },
  ]);
});

test("a vote stays while the decision on it cannot be read, which may have accepted it", async () => {
  const { folder, records, votes, accepted, rejected } = await home();
  for (const { id } of [accepted, rejected])
    writeFileSync(join(folder, "decisions", "2026-08-20", `${id}.1.json`), "{");
  const old = (await oldRecords(records, { days: 90, keys: KEYS }, NOW)).filter(({ what }) => what !== "answers");
  expect(old).toHaveLength(1);
  expect(JSON.stringify(old)).not.toContain(accepted.id);
  expect(await votes.list()).toMatchObject({ votes: [{ state: "undecided" }], hidden: 2, hiddenDecided: 2 });
  await expect(votes.read(accepted.id)).rejects.toThrow("set WINNOW_PAYLOAD_KEYS");
});

test("a decision goes before its vote, and one whose vote is gone goes too", async () => {
  const { folder, records, accepted, rejected } = await home();
  const old = await oldRecords(records, { days: 90, keys: KEYS }, NOW);
  const at = (part: string) => old.findIndex(({ path }) => path.includes(part));
  expect(at(`decisions/2026-08-20/${rejected.id}.1`)).toBeLessThan(at(`votes/2026-08-20/${rejected.id}`));
  rmSync(join(folder, "votes"), { recursive: true });
  const orphans = (await oldRecords(records, { days: 90, keys: KEYS }, NOW)).filter(({ what }) => what === "decision");
  expect(orphans.map(({ path }) => path).sort()).toEqual(
    [accepted, rejected].map(({ id }) => `decisions/2026-08-20/${id}.1.json`).sort(),
  );
});

test("a vote that is accepted between the plan and the removal stays", async () => {
  const { records, votes, undecided } = await home();
  const read = () => oldRecords(records, { days: 90, keys: KEYS }, NOW);
  const planned = await read();
  const decided = { at: "2026-11-30T12:00:00.000Z", by: "ada", reason: null, question: "what is a pod?", passages: [] };
  await votes.decide({ vote: undecided.id, verdict: "accept", ...decided });
  const left = await stillOld(planned, read);
  expect(planned.filter((one) => !left.includes(one))).toMatchObject([{ what: "vote" }]);
});

test("fsck names a damaged record, and one whose key is not set here as harmless", async () => {
  const { folder, undecided } = await home();
  expect(await fsck(folder, KEYS)).toMatchObject({ clean: true, findings: [], checked: { records: 7 } });
  const path = join(folder, "votes", "2026-08-20", `${undecided.id}.json`);
  writeFileSync(path, "{");
  const damaged = await fsck(folder, KEYS);
  expect(damaged).toMatchObject({ clean: false, findings: [{ severity: "damaged", path, problem: "cannot be read" }] });
  writeFileSync(path, "{}");
  const keyless = await fsck(folder);
  expect(keyless.clean).toBe(true);
  expect(keyless.findings).toHaveLength(6);
  expect(keyless.findings[0]!.problem).toContain("set WINNOW_PAYLOAD_KEYS");
});
