/**
 * Records a small state folder as this version writes it, for `client/oldState.test.ts`:
 *   npx tsx client/testing/recordState.ts NAME
 * writes `client/testing/states/NAME.tar.gz`. Record one before a landing that changes what is stored; keep the earlier
 * ones, since state of every version is read.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create } from "tar";
import type { Vote } from "../../contracts/feedback.ts";
import { openAnswerRecords, questionDigest } from "../../core/records/answers.ts";
import { finished } from "../../core/records/testing/finished.ts";
import { Votes } from "../../core/records/votes.ts";
import { tinyHome } from "../../core/stages/testing/tinyRelease.ts";
import { RETIRED } from "../../core/storage/releases.ts";
import { search } from "../search.ts";
import { QUESTION } from "./recordedState.ts";
import { localSettings } from "./settings.ts";

/** Caches and docs are no state. */
const STATE = ["artifacts", "champions", "steps", "answers", "votes", "decisions", RETIRED];
const DAY = "2026-11-30T10:00:00.000Z";
/** Width of the models. Random weights are most of the file, however it is packed. */
const WIDTH = 8;

const [name = ""] = process.argv.slice(2);
if (!/^[\w.-]+$/.test(name)) throw new Error("name the state: npx tsx client/testing/recordState.ts 2026-11-30");
const folder = mkdtempSync(join(tmpdir(), "winnow-state-"));
const tiny = await tinyHome();
try {
  const { releases, store } = tiny.context;
  const { manifest, ref } = await tiny.build(WIDTH);
  // Nothing is tuned, which would be as many weights again.
  const made = { ...manifest, train: null };
  const first = await releases.commit({ ...made, createdAt: "2026-01-02T00:00:00Z" });
  const second = await releases.commit({ ...made, createdAt: "2026-01-03T00:00:00Z" });
  for (const unused of [ref, manifest.train!]) rmSync(await store.resolve(unused), { recursive: true });
  await releases.promote(first, { expected: null, by: "pipeline-1", reason: "the first", run: "run-1" });
  await releases.promote(second, { expected: first.id, by: "pipeline-2", reason: "better", run: "run-2" });
  await releases.promote(first, { expected: second.id, by: "ada", reason: "worse answers", kind: "rollback" });
  await writeRecords(first.id);
  const found = await search(localSettings(tiny.home), QUESTION, { k: 5 });
  const passages = found.passages.map(({ id, rank, scores }) => ({ id, rank, scores }));
  for (const part of STATE) cpSync(join(tiny.home, part), join(folder, part), { recursive: true });
  writeFileSync(join(folder, "expected.json"), JSON.stringify({ releases: [first.id, second.id], passages }, null, 1));
  const states = fileURLToPath(new URL("states", import.meta.url));
  mkdirSync(states, { recursive: true });
  await create({ gzip: true, cwd: folder, file: join(states, `${name}.tar.gz`), portable: true }, ["."]);
} finally {
  for (const path of [tiny.home, folder]) rmSync(path, { recursive: true, force: true });
}

/** One answer, an accepted vote on it, and the mark of a release that gc removed. */
async function writeRecords(release: string): Promise<void> {
  const { records } = tiny.storage;
  const { id, at, question, result } = finished("ask-1", DAY);
  const receipt = { ...result.receipt, release, corpus: "things" };
  const answers = openAnswerRecords(records, null);
  await answers.write({ id, at, question, questionDigest: questionDigest(question), ...result, receipt });
  const votes = new Votes(records, null);
  const vote: Omit<Vote, "id"> = {
    ...{ at: DAY, answer: id, vote: "up", passage: null, place: null, comment: "it helps", voter: null },
    ...{ corpus: "things", release, kind: "extractive", cited: ["p1"], questionDigest: questionDigest(question) },
  };
  const added = await votes.add(vote);
  const passages = [{ id: "p1", page: "job.md", textDigest: "0".repeat(64) }];
  await votes.decide({ vote: added.id, verdict: "accept", at: DAY, by: "ada", reason: null, question, passages });
  await records.create(`${RETIRED}/0123456789ab`, `${DAY}\n`);
}
