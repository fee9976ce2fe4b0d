import { CancellationScope, CancelledFailure, isCancellation, workflowInfo } from "@temporalio/workflow";
import type { SourceCheck } from "../activities/source.ts";
import type { ChosenModel } from "../contracts/models.ts";
import { QUEUES } from "../contracts/names.ts";
import type { PipelineResult } from "../contracts/pipeline.ts";
import { holdCorpus } from "./corpusLock.ts";
import { deployRelease } from "./deployRelease.ts";
import { embedShards } from "./embedShards.ts";
import { measureReranker } from "./measureReranker.ts";
import { cpu, light, summarised } from "./pools.ts";
import { EndedEarly, PipelineRun } from "./progress.ts";
import { serveFirst } from "./serveFirst.ts";

/**
 * Turns docs into a deployed release: ingest -> embed -> build-index -> train -> evaluate -> deploy. A corpus without a
 * release serves an unmeasured one after build-index. A corpus has one run at a time; a second one completes and names
 * the first.
 */
export async function pipeline(raw: unknown): Promise<PipelineResult> {
  const run = new PipelineRun(await summarised(light.parsePipelineInput, "check the input", raw));
  const { input } = run;
  const lock = await holdCorpus(input.corpus);
  if (lock.heldBy !== null)
    return run.result({ status: "already running", workflowId: lock.heldBy, reason: `${lock.heldBy} is under way.` });
  try {
    const asked = { corpus: input.corpus, input, models: run.models };
    const check = run.resolved(await run.on(QUEUES.cpu, cpu.checkSource, `resolve ${input.docs.path}`, asked));
    return check.unchanged ? run.repeated(check) : await build(run, check);
  } catch (error) {
    if (error instanceof EndedEarly) return run.result({});
    // An attempt whose worker died cannot see the cancellation: its stage ends as a timeout.
    if (CancellationScope.current().consideredCancelled && !isCancellation(error))
      throw new CancelledFailure("the run was cancelled");
    throw error;
  } finally {
    await lock.release();
  }
}

async function build(run: PipelineRun, { source, parts }: SourceCheck): Promise<PipelineResult> {
  const { corpus, docs, only } = run.input;
  const { embedder, base, names } = await storedModels(run);

  const pages = await run.stage("ingest", async (mode) => {
    const input = { corpus, docs, source, embedder, reranker: base, mode };
    const read = await run.on(QUEUES.cpu, cpu.ingest, `read ${docs.path}`, input);
    return run.compared(read, await run.on(QUEUES.cpu, cpu.compareDocs, "page diff", { corpus, ingest: read.ref }));
  });
  const ingest = pages.ref;
  const vectors = await run.stage("embed", (mode) =>
    embedShards(run, { corpus, embedder, ingest, mode }, pages.facts.passages),
  );
  const embed = vectors.refs;
  const index = await run.stage("build-index", (mode) =>
    run.on(QUEUES.cpu, cpu.buildIndex, "FAISS and BM25", { corpus, ingest, embed, mode }),
  );
  const refs = { corpus, embedder, ingest, embed, buildIndex: index.ref };
  await serveFirst(run, { ...refs, names, source: pages.facts });
  const { rerankers, plan, evaluation } = await measureReranker(run, { ...refs, base, names });
  const candidate = { ...refs, ...rerankers, names, training: plan.record, docsPath: docs.path, source: pages.facts };
  const { verdict, promoted, reason, approval } = await run.stage("deploy", () =>
    deployRelease(
      { ...candidate, evaluate: evaluation.ref, evaluation: evaluation.facts },
      run.approvalRule,
      (waiting) => run.wait(waiting),
    ),
  );

  const { release, ndcg, gate, report } = verdict;
  run.reported(report);
  // A folder may have changed since it was resolved, so the record names the docs that ingest read. A run of one stage
  // reads none.
  const docsRead = source.kind === "git" && only === undefined ? source.version : pages.facts.digest;
  const made = { corpus, parts: { ...parts, inputs: { ...parts.inputs, docs: docsRead } }, release };
  const { workflowId } = workflowInfo();
  await run.on(QUEUES.cpu, cpu.recordRun, "remember the run", { ...made, workflowId });
  run.publish({ release, ndcg: ndcg ?? undefined });
  return run.result({ release, promoted, reason, approval, gate });
}

/** The run's models as artifacts, with their names. Those that no input names are stored from the worker's cache. */
async function storedModels(run: PipelineRun) {
  const { corpus } = run.input;
  const mode = { force: false, cachedOnly: false };
  const store = async (role: "embedder" | "base", chosen: ChosenModel | null) => {
    if (chosen) return { ref: chosen.artifact, name: chosen.name };
    const { ref, facts } = await run.on(QUEUES.cpu, cpu.storeModel, `store the ${role}`, { corpus, role, mode });
    run.uses(ref);
    return { ref, name: facts.name };
  };
  const embedder = await store("embedder", run.models.embedder);
  const base = await store("base", run.models.reranker);
  return { embedder: embedder.ref, base: base.ref, names: { embedder: embedder.name, reranker: base.name } };
}
