import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Client, WorkflowExecutionInfo } from "@temporalio/client";
import { isAway, resultOf, rootCause } from "../../client/outcome.ts";
import type { Status } from "../../client/status.ts";
import { connectClient } from "../../client/temporal.ts";
import { WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { messageOf, WinnowError } from "../../core/base/errors.ts";
import { artifactsOf } from "../../core/storage/releaseFolders.ts";
import { openReleases, type Promotion } from "../../core/storage/releases.ts";
import { openStore } from "../../core/storage/store.ts";
import { leftovers } from "../e2e/leftovers.ts";
import type { Answers } from "./answers.ts";
import type { Clock } from "./clock.ts";
import { LONGEST_STOP_MS } from "./faults.ts";
import { CORPUS, type Product } from "./product.ts";

/** A training run beside other work of the machine. */
const OPEN_MS = 20 * 60_000;
/** Failures of a run that are no fault: a person was faster, or the docs changed while they were read. */
const ALLOWED = ["PromotionConflict", "SourceUnavailable"];

/** Waits until every question and run has ended, and checks how. */
export async function checkWorkflows(clock: Clock, product: Product): Promise<void> {
  const deleted = await product.run("schedule", "delete", CORPUS, "--json");
  if (deleted.code !== 0) clock.fail(`schedule delete: ${deleted.stderr}`);
  const client = await connectClient(product.stack!.address, product.config, 120);
  const open = async () =>
    (
      await patiently(() =>
        client.workflow.count(`ExecutionStatus = "Running" AND WorkflowType IN ("ask", "pipeline")`),
      )
    ).count;
  for (const deadline = Date.now() + OPEN_MS; (await open()) > 0; await delay(2000)) {
    if (Date.now() < deadline) continue;
    clock.fail(`${await open()} questions or runs have not ended ${OPEN_MS / 60_000} minutes after the last fault`);
    break;
  }
  for (const run of await patiently(() => runsOf(client))) clock.count(`run: ${await outcomeOf(clock, client, run)}`);
  await client.connection.close();
}

async function runsOf(client: Client): Promise<WorkflowExecutionInfo[]> {
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query: `WorkflowType = "${WORKFLOWS.pipeline}"` })) runs.push(run);
  return runs;
}

/** How a run ended. A failure that is a fault of the product is a reason to fail. */
async function outcomeOf(clock: Clock, client: Client, run: WorkflowExecutionInfo): Promise<string> {
  const { workflowId, runId, status, startTime } = run;
  if (status.name === "RUNNING") return "open";
  try {
    return (await resultOf<PipelineResult>(client.workflow.getHandle(workflowId, runId))).status;
  } catch (error) {
    const code = error instanceof WinnowError ? error.code : status.name;
    if (!ALLOWED.includes(code))
      clock.fail(`run ${workflowId} of ${startTime.toISOString()}: ${code}: ${messageOf(rootCause(error))}`);
    return code;
  }
}

/** Repeats a call for two minutes: a server that was killed, or is overloaded, answers late. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 120_000; ; await delay(1000)) {
    try {
      return await call();
    } catch (error) {
      if (!isAway(error) || Date.now() > deadline) throw error;
    }
  }
}

/** What an operator looks at: `status`, `doctor`, `fsck`. */
export async function checkCommands(clock: Clock, product: Product): Promise<void> {
  const { code, stdout, stderr } = await product.run("status", "--json");
  if (code !== 0) clock.fail(`status: ${stderr}`);
  else {
    const status = JSON.parse(stdout) as Status;
    if (status.champions.length !== 1) clock.fail(`status: ${status.champions.length} champions`);
    if (status.running.length > 0) clock.fail(`status: ${status.running.length} runs are open`);
  }
  for (const command of ["doctor", "fsck"]) {
    const outcome = await product.run(command, "--json");
    if (outcome.code !== 0) clock.fail(`${command}: exit ${outcome.code}: ${outcome.stdout}${outcome.stderr}`);
  }
}

/** Opens and verifies each release that the ledger names; those that gc retired keep their manifest alone. */
export async function checkLedger(clock: Clock, { home, config }: Product, answers: Answers): Promise<Promotion[]> {
  const store = openStore(home);
  const releases = openReleases(home, store);
  const ledger = await releases.ledger(CORPUS);
  for (const [at, { replaced, release }] of ledger.entries())
    if (replaced !== (ledger[at - 1]?.release ?? null))
      clock.fail(`the ledger's entry ${at + 1} of ${release} replaced ${replaced}, not the champion before it`);
  answers.checkReleases(ledger, LONGEST_STOP_MS + 2000);
  for (const id of new Set(ledger.map(({ release }) => release))) {
    const { manifest, ref } = await releases.read(id);
    await store.verify(ref);
    const retired = await releases.isRetired(id);
    clock.count(retired ? "ledger: releases retired" : "ledger: releases verified");
    if (retired) continue;
    for (const part of artifactsOf(manifest)) await store.verify(part);
    if (answers.releases.includes(id)) await answers.searchAgain(config, id);
  }
  return ledger;
}

/** Processes and files that must be gone after the end. */
export function checkLeftovers(clock: Clock, { home, temporary }: Product): void {
  // A worker that was killed leaves its draft, which `gc` removes once it is old.
  const drafts = /^[a-z-]+\/\.draft-/;
  for (const left of leftovers(home).filter((path) => !drafts.test(path))) clock.fail(`left behind: ${left}`);
  // tsx keeps the modules that it has translated.
  const files = readdirSync(temporary).filter((file) => !file.startsWith("tsx-"));
  for (const file of files) clock.fail(`left in the folder of temporary files: ${file}`);
}
