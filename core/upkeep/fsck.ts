import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { messageOf } from "../base/errors.ts";
import type { PayloadKeys } from "../base/payloadKeys.ts";
import { formatProblem, NewerFormat } from "../base/storedFormat.ts";
import { isSoundSegment } from "../retrieval/embeddingCache.ts";
import { folderRecords } from "../storage/records.ts";
import { type StepRecord, stepKey } from "../storage/stepCache.ts";
import { isOutage } from "../storage/storage.ts";
import { openStore } from "../storage/store.ts";
import { damagedReplies } from "../training/questions/written/replies.ts";
import { checkLedger } from "./fsckLedger.ts";
import {
  type Finding,
  type FsckReport,
  newerFinding,
  type Report,
  type ReportWithoutRecords,
  withRecords,
} from "./fsckReport.ts";
import { artifactKeys, type Inventory, readInventory, type StoredArtifact, type StoredRelease } from "./inventory.ts";

/**
 * Reads every byte of a state folder again, and follows every reference of releases, ledger and steps. Changes nothing.
 * Clean means that nothing is damaged; leftovers of interrupted work are reported but harmless.
 */
export async function fsck(home: string, keys: PayloadKeys | null = null): Promise<FsckReport> {
  const store = openStore(home);
  const verify: Verify = async ({ key, folder }, report) => {
    await store.verify(refOf(key));
    await checkUnlisted(folder, report);
  };
  const report = await check(join(home, "artifacts"), await readInventory(home), verify);
  return withRecords(report, folderRecords(home), keys);
}

/** The reference of an artifact, from its key. */
export function refOf(key: string): ArtifactRef {
  return { uri: `winnow:${key}`, sha256: key.split("/")[1]!, bytes: 0 };
}

/** Reads a whole artifact; throws when bytes are wrong. */
type Verify = (artifact: StoredArtifact, report: Report) => Promise<void>;

/**
 * Checks an inventory.
 *
 * @param root location of the artifacts: a folder, or the prefix of a bucket's keys
 *
 * @param cached whether machines keep copies; a run then continues with its copy and repairs the bucket only if forced
 */
export async function check(
  root: string,
  inventory: Inventory,
  verify: Verify,
  cached = false,
): Promise<ReportWithoutRecords> {
  const findings: Finding[] = [];
  const report: Report = (finding) => findings.push({ releases: [], ...finding });
  const mend = (users: StoredRelease[], key: string) => remedyFor(users, cached ? forceOf(key) : "");
  const unread = await checkArtifacts(inventory, verify, mend, report);
  checkReleases(root, inventory, unread, mend, report);
  checkLedger(inventory, report);
  checkSteps(inventory, report);
  checkModels(root, inventory, report);
  await checkCaches(inventory, report);
  for (const path of inventory.leftovers)
    report({
      severity: "harmless",
      path,
      problem: "left by work that was interrupted or is still running",
      remedy: "`npx winnow gc --apply` removes it once it is old",
    });
  const { artifacts, releases, ledger, steps, segments } = inventory;
  const entries = [...ledger.values()].flat().length;
  const checked = {
    artifacts: artifacts.length,
    releases: releases.length,
    ledger: entries,
    steps: steps.length,
    segments: segments.length,
  };
  return { clean: findings.every(({ severity }) => severity !== "damaged"), checked, findings };
}

/** Damage to caches is harmless: their content is computed or requested again. */
async function checkCaches({ segments, scores, replies }: Inventory, report: Report): Promise<void> {
  for (const path of [...segments, ...scores])
    if (!(await isSoundSegment(path)))
      report({
        severity: "harmless",
        path,
        problem: "does not match its checksum",
        remedy: "none: the next run drops it and computes its content again",
      });
  for (const path of replies) {
    const damaged = await damagedReplies(path);
    if (damaged > 0)
      report({
        severity: "harmless",
        path,
        problem: `${damaged} damaged ${damaged === 1 ? "line" : "lines"} among an LLM's replies`,
        remedy: "none: a run that needs the reply requests it again",
      });
  }
}

/** Keys of artifacts with wrong bytes, and of those that only a newer version reads. */
async function checkArtifacts(
  { artifacts, releases }: Inventory,
  verify: Verify,
  mend: Mend,
  report: Report,
): Promise<Set<string>> {
  const unread = new Set<string>();
  for (const artifact of artifacts) {
    const { key, folder } = artifact;
    try {
      await verify(artifact, report);
    } catch (error) {
      if (isOutage(error)) throw error;
      unread.add(key);
      const users = releases.filter((release) => release.key === key || artifactKeys(release.value).includes(key));
      const [problem, ids] = [messageOf(error), users.map(({ id }) => id)];
      if (error instanceof NewerFormat) report(newerFinding(folder, problem, ids));
      else report({ severity: "damaged", path: folder, problem, remedy: mend(users, key), releases: ids });
    }
  }
  return unread;
}

async function checkUnlisted(folder: string, report: Report): Promise<void> {
  const manifest: { files: { path: string }[] } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  const listed = new Set(["manifest.json", ...manifest.files.map(({ path }) => path)]);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const name = path.slice(folder.length + 1).replaceAll("\\", "/");
    if (entry.isFile() && !listed.has(name))
      report({
        severity: "harmless",
        path,
        problem: "is not part of the artifact in this folder",
        remedy: "delete it",
      });
  }
}

/** The remedy for a damaged artifact that these releases need. */
type Mend = (users: StoredRelease[], key: string) => string;

/** Stages whose parts are artifacts of their own. */
const PART_OF: Record<string, string> = {
  ...{ "train-data": "train", heldout: "train", mined: "train", untrained: "train" },
  ...{ "pair-scores": "evaluate", calibration: "deploy" },
};

function forceOf(key: string): string {
  const [folder = ""] = key.split("/");
  return ` --force ${PART_OF[folder] ?? folder}`;
}

function remedyFor(users: StoredRelease[], force: string): string {
  const corpora = [...new Set(users.flatMap(({ value }) => (value ? [value.corpus] : [])))];
  if (users.length === 0) return "no release needs it: delete the folder; a run that needs it creates it again";
  const names = corpora.map((corpus) => `--name ${corpus}`).join(" or ") || "the corpus";
  return `restore it from a backup, or run the pipeline again with the same docs and ${names}${force}: this creates the damaged artifact again. If its release serves, use \`npx winnow releases rollback\` meanwhile`;
}

function checkModels(root: string, { models, artifacts }: Inventory, report: Report): void {
  const there = new Set(artifacts.map(({ key }) => key));
  for (const { file, value, newer } of models) {
    if (newer !== null) report(newerFinding(file, newer));
    else if (value === null)
      report({
        severity: "damaged",
        path: file,
        problem: "is not the record of an installed model",
        remedy: "delete it, and install the model again with `npx winnow models add`",
      });
    for (const needed of artifactKeys(value).filter((key) => !there.has(key)))
      report({
        severity: "damaged",
        path: `${root}/${needed}`,
        problem: `is missing, but it is the installed model ${value?.name}`,
        remedy: "install the model again with `npx winnow models add`",
      });
  }
}

function checkReleases(
  root: string,
  { releases, artifacts }: Inventory,
  unread: Set<string>,
  mend: Mend,
  report: Report,
): void {
  const there = new Set(artifacts.map(({ key }) => key));
  for (const release of releases) {
    const { id, key, value, file, retired } = release;
    if (value === null) {
      if (!unread.has(key))
        report({ severity: "damaged", path: file, problem: "is not a release", remedy: mend([], key), releases: [id] });
      continue;
    }
    const newer = formatProblem(value);
    if (newer !== null) report(newerFinding(file, newer, [id]));
    for (const needed of retired ? [] : [...new Set(artifactKeys(value))].filter((part) => !there.has(part)))
      report({
        severity: "damaged",
        path: `${root}/${needed}`,
        problem: `is missing, but release ${id} of ${value.corpus} needs it`,
        remedy: mend([release], needed),
        releases: [id],
      });
  }
}

/** A missing record only makes a stage run again; a record under the wrong key would give a wrong result. */
function checkSteps({ steps, artifacts, releases }: Inventory, report: Report): void {
  const there = new Set(artifacts.map(({ key }) => key));
  const ids = new Set(releases.map(({ id }) => id));
  const again = "none: the stage runs again when it is next needed";
  for (const { file, value, latest } of steps) {
    if (value === null) report({ severity: "harmless", path: file, problem: "cannot be read", remedy: again });
    else if (formatProblem(value) !== null)
      report({ severity: "harmless", path: file, problem: formatProblem(value)!, remedy: again });
    else if (!latest && !file.endsWith(`${nameOf(value)}.json`))
      report({
        severity: "damaged",
        path: file,
        problem: "does not match its key",
        remedy: "delete it: the stage runs again",
      });
    else {
      const release = (value.output as { release?: unknown } | null)?.release;
      const missing = [...new Set(artifactKeys(value.output))].filter((key) => !there.has(key));
      if (typeof release === "string" && !ids.has(release)) missing.push(`release ${release}`);
      if (missing.length > 0)
        report({
          severity: "harmless",
          path: file,
          problem: `refers to ${missing.join(", ")}, which is missing`,
          remedy: again,
        });
    }
  }
}

function nameOf({ parts }: StepRecord<unknown>): string {
  return parts ? stepKey(parts) : "";
}
