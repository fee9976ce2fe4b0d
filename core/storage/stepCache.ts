import { canonicalJson, sha256 } from "../base/canonical.ts";
import { formatProblem } from "../base/storedFormat.ts";
import { folderRecords, type Records } from "./records.ts";
import type { Failpoint } from "./storage.ts";

/** Begins the explanation of a stage that ran for the first time. */
export const FIRST_RUN = "first run";

/** Everything a stage's result depends on. Equal parts mean an equal result. */
export interface StepParts {
  stage: string;
  /** Digests of the stage's inputs, by name. */
  inputs: Record<string, string>;
  options: Record<string, unknown>;
  /** Digest of the stage's code. */
  code: string;
}

export interface StepRecord<T> {
  key: string;
  parts: StepParts;
  /** The stage's result: references and counts, small enough for Temporal. */
  output: T;
  finishedAt: string;
}

/** Records the result of each stage, so that an unchanged stage does not run again. */
export interface StepCache {
  find<T>(parts: StepParts): Promise<StepRecord<T> | null>;
  /** The result of a corpus's last run of a stage, whatever its inputs. `slot` identifies a shard of the stage. */
  latest<T>(corpus: string, stage: string, slot?: string): Promise<StepRecord<T> | null>;
  record<T>(corpus: string, parts: StepParts, output: T, slot?: string): Promise<void>;
  /** Explains why these parts have no result: the differences from the corpus's last run of the stage. */
  explain(corpus: string, parts: StepParts, slot?: string): Promise<string>;
}

/**
 * Opens the cache of a home folder or of shared records: `steps/<stage>/<key>.json`, and a pointer to each corpus's
 * last run.
 */
export function openStepCache(home: string | Records, failpoint: Failpoint = () => {}): StepCache {
  const records = typeof home === "string" ? folderRecords(home) : home;
  const fileOf = (parts: StepParts) => `steps/${parts.stage}/${stepKey(parts)}.json`;
  const latestFile = (corpus: string, stage: string, slot: string) =>
    `steps/${stage}/latest/${corpus}${slot ? `@${slot}` : ""}.json`;
  const latest = <T>(corpus: string, stage: string, slot = "") => read<T>(records, latestFile(corpus, stage, slot));
  return {
    find: (parts) => read(records, fileOf(parts)),
    latest,
    async record(corpus, parts, output, slot = "") {
      const record = { key: stepKey(parts), parts, output, finishedAt: new Date().toISOString() };
      const text = `${JSON.stringify(record, null, 1)}\n`;
      await failpoint("steps.before-record");
      await records.replace(fileOf(parts), text);
      await records.replace(latestFile(corpus, parts.stage, slot), text);
    },
    async explain(corpus, parts, slot) {
      const last = await latest(corpus, parts.stage, slot);
      return last ? difference(last.parts, parts) : `${FIRST_RUN} of ${parts.stage} for this corpus`;
    },
  };
}

/** SHA-256 of the parts' canonical JSON. */
export function stepKey(parts: StepParts): string {
  return sha256(canonicalJson(parts));
}

/** Names the changes between two runs of a stage, inputs first. */
function difference(last: StepParts, now: StepParts): string {
  const changes = [
    ...changedKeys(last.inputs, now.inputs).map((name) => `${name} changed`),
    ...changedKeys(last.options, now.options).map(
      (name) => `option ${name} changed from ${show(last.options[name])} to ${show(now.options[name])}`,
    ),
    ...(last.code === now.code ? [] : ["the stage's code changed"]),
  ];
  return changes.length > 0 ? changes.join("; ") : "its artifact was removed or damaged";
}

function changedKeys(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.filter((key) => canonicalJson(a[key] ?? null) !== canonicalJson(b[key] ?? null));
}

function show(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

async function read<T>(records: Records, path: string): Promise<StepRecord<T> | null> {
  const text = await records.read(path);
  try {
    const record = JSON.parse(text ?? "null");
    return formatProblem(record) === null ? record : null;
  } catch {
    // Truncated by a crash; running the stage again is always correct.
    return null;
  }
}
