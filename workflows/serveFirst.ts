import { ActivityFailure, ApplicationFailure, workflowInfo } from "@temporalio/workflow";
import type { FirstInput } from "../activities/firstRelease.ts";
import { QUEUES } from "../contracts/names.ts";
import type { ModelNames } from "../core/stages/corpusRefs.ts";
import type { IngestFacts } from "../core/stages/ingest.ts";
import { throughOutages } from "./outages.ts";
import { cpu, light, summarised } from "./pools.ts";
import type { PipelineRun } from "./progress.ts";

interface Indexed extends FirstInput {
  names: ModelNames;
  source: IngestFacts;
}

/**
 * Lets a corpus without a measured champion serve by retrieval as soon as its index is built. Training, evaluation and
 * the gate follow; the first measured release replaces it. With `gate: "manual"` nothing serves before a person
 * approves.
 */
export async function serveFirst(run: PipelineRun, { source, names, ...refs }: Indexed): Promise<void> {
  const { questions = null, falseAnswers, training, gate, docs } = run.input;
  if (!run.deploys) return;
  const plan = await run.on(QUEUES.main, light.planFirst, "does a measured release serve?", refs);
  if (!plan.serve) {
    if (plan.why === "serving") run.served({ release: plan.release, why: "it serves since an earlier run" });
    return;
  }
  if (gate === "manual")
    return run.served({ release: null, why: "gate: manual, so nothing serves before a person approves it" });
  const mode = { force: run.input.force.includes("deploy"), cachedOnly: false };
  const asked = { ...refs, questions, falseAnswers, seed: training.seed, mode };
  const fitted = await run.on(QUEUES.cpu, cpu.firstCalibration, "calibrate retrieval for a first release", asked);
  if (fitted.facts.questions === 0)
    return run.served({ release: null, why: "the docs give no question to place the threshold by" });
  const { workflowId, runId } = workflowInfo();
  const made = {
    ...refs,
    names,
    source,
    docsPath: docs.path,
    calibration: fitted.ref,
    createdAt: new Date().toISOString(),
  };
  const { release, reason } = await run.on(QUEUES.main, light.commitFirst, "keep a first release", made);
  const change = { release, expected: plan.champion, by: workflowId, reason, workflow: workflowId, run: runId };
  const promote = () => summarised(light.promote, `${release} serves, not measured yet`, change);
  try {
    await throughOutages(promote, (waiting) => run.wait(waiting));
    run.served({ release, why: reason });
  } catch (error) {
    if (!isConflict(error)) throw error;
    run.served({ release: null, why: "another release was promoted meanwhile" });
  }
}

/** A person promoted another release: that one serves, and the run goes on. */
function isConflict(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === "PromotionConflict";
}
