import { workflowInfo } from "@temporalio/workflow";
import type { SourceCheck } from "../activities/source.ts";
import { QUEUES } from "../contracts/names.ts";
import type { PipelineResult } from "../contracts/pipeline.ts";
import { holdCorpus } from "./corpusLock.ts";
import { cpu, light, onPool, told } from "./pools.ts";
import { measureReranker } from "./retrain.ts";
import { PipelineRun } from "./run.ts";
import { deployRelease, embedShards } from "./stages.ts";

/**
 * Docs to a deployed release: ingest -> embed -> build-index -> train -> evaluate -> deploy. One run at a time for a
 * corpus; a second one ends well and names the first.
 */
export async function pipeline(raw: unknown): Promise<PipelineResult> {
  const run = new PipelineRun(await told(light.parsePipelineInput, "check the input", raw));
  const lock = await holdCorpus(run.input.corpus);
  if (lock.heldBy !== null)
    return run.result({ status: "already running", workflowId: lock.heldBy, reason: `${lock.heldBy} is under way.` });
  try {
    const source = await run.checkSource((input) =>
      onPool(QUEUES.cpu, cpu.checkSource, `resolve ${input.docs.path}`, { corpus: input.corpus, input }),
    );
    return source.unchanged ? run.repeated(source) : await build(run, source);
  } finally {
    await lock.release();
  }
}

async function build(run: PipelineRun, { source, parts }: SourceCheck): Promise<PipelineResult> {
  const { corpus, docs } = run.input;

  const pages = await run.stage("ingest", async (mode) => {
    const read = await onPool(QUEUES.cpu, cpu.ingest, `read ${docs.path}`, { corpus, docs, source, mode });
    return run.compared(read, await onPool(QUEUES.cpu, cpu.compareDocs, "page diff", { corpus, ingest: read.ref }));
  });
  if (run.endsAfter("ingest")) return run.result({});

  const vectors = await run.stage("embed", (mode) =>
    embedShards({ corpus, ingest: pages.ref, mode }, pages.facts.passages, (note) => run.tell(note)),
  );
  if (run.endsAfter("embed")) return run.result({});

  const index = await run.stage("build-index", (mode) =>
    onPool(QUEUES.cpu, cpu.buildIndex, "FAISS and BM25", { corpus, ingest: pages.ref, embed: vectors.refs, mode }),
  );
  if (run.endsAfter("build-index")) return run.result({});
  const refs = { corpus, ingest: pages.ref, embed: vectors.refs, buildIndex: index.ref };

  const { train, plan, evaluation } = await measureReranker(run, refs);
  if (evaluation === null) return run.result({});
  const { summary } = evaluation.facts;
  if (run.endsAfter("evaluate")) return run.result({ evaluation: summary });

  const { verdict, promoted, reason, approval } = await run.stage("deploy", () =>
    deployRelease(
      {
        ...refs,
        train,
        training: plan.record,
        docsPath: docs.path,
        source: pages.facts,
        evaluate: evaluation.ref,
        evaluation: evaluation.facts,
      },
      run.approvalRule,
    ),
  );
  const { workflowId } = workflowInfo();
  // What the run is of is what ingest read: a folder may have changed since it was resolved, and one stage alone reads nothing.
  const docsRead = source.kind === "git" && run.input.only === undefined ? source.version : pages.facts.digest;
  const made = { corpus, parts: { ...parts, inputs: { ...parts.inputs, docs: docsRead } }, release: verdict.release };
  await onPool(QUEUES.cpu, cpu.recordRun, "remember the run", { ...made, workflowId });
  run.publish({ release: verdict.release, ndcg: verdict.ndcg ?? undefined });
  return run.result({ release: verdict.release, promoted, reason, approval, evaluation: summary, gate: verdict.gate });
}
