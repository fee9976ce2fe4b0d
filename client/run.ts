import { randomUUID } from "node:crypto";
import type { Client, WorkflowHandle } from "@temporalio/client";
import { QUEUES, type StageName, WORKFLOWS } from "../contracts/names.ts";
import type { PipelineInput, PipelineResult } from "../contracts/pipeline.ts";
import { parseSource, sourceName, sourceText } from "../core/docs/sourceSpec.ts";
import { type FollowOptions, followPipeline } from "./follow.ts";
import { existing } from "./openRelease.ts";
import { type OptionDifference, optionDifferences } from "./runOptions.ts";
import { endRun, followRun, type OpenRun, openRun, openRunOf } from "./runs.ts";

/** Options of a pipeline run; the workflow sets what is left out. Paths may be relative to the working directory. */
export interface RunOptions {
  /** Folder, `.tar.gz` or one page of docs, a git repository, `URL#ref`, or a sitemap, `https://host/sitemap.xml`. */
  docs: string;
  /** Name of the corpus; default: from the path. */
  name?: string;
  /** Address the docs are published under. */
  baseUrl?: string;
  /** Question set to evaluate on. */
  questions?: string;
  /** Installed model that embeds passages and questions. */
  embedder?: string;
  /** Installed model that the reranker starts from. */
  reranker?: string;
  /** Training budget in minutes; 0 trains nothing. Default: `training.budgetMinutes` in docs/reference/shapes.md. */
  budget?: number;
  /** Skips training if the budget allows fewer steps. */
  leastSteps?: number;
  seed?: number;
  /** Keeps the pages that answer the question set out of training. */
  strict?: boolean;
  /** File of labelled pairs to train on too. */
  pairs?: string;
  /** Number of questions that the configured LLM writes for training. */
  written?: number;
  retrain?: PipelineInput["retrain"];
  /** Last stage to run. */
  until?: StageName;
  /** The only stage to run. */
  only?: StageName;
  /** Stages to run although their cached result is valid. */
  force?: StageName[];
  /** Share of unanswerable questions that may be answered. */
  falseAnswers?: number;
  gate?: PipelineInput["gate"];
  /** How long a candidate waits for approval. */
  approvalHours?: number;
}

/** Input of the workflow `pipeline` for these options, with absolute paths. Throws BadInput for a missing file. */
export function pipelineInput(options: RunOptions): Record<string, unknown> {
  const source = parseSource(options.docs, process.cwd());
  const docs = source.kind === "local" ? existing(options.docs, "docs") : sourceText(source);
  const questions = options.questions ? existing(options.questions, "questions") : undefined;
  const pairs = options.pairs ? existing(options.pairs, "pairs") : undefined;
  const input = {
    docs: { path: docs, name: options.name, baseUrl: options.baseUrl },
    questions,
    models: { embedder: options.embedder, reranker: options.reranker },
    until: options.until,
    only: options.only,
    force: options.force,
    retrain: options.retrain,
    training: {
      budgetMinutes: options.budget,
      leastSteps: options.leastSteps,
      seed: options.seed,
      strict: options.strict,
      pairs,
      written: options.written,
    },
    falseAnswers: options.falseAnswers,
    gate: options.gate,
    approvalHours: options.approvalHours,
  } satisfies { [K in keyof PipelineInput]-?: unknown } & {
    training: Record<keyof PipelineInput["training"], unknown>;
  };
  return JSON.parse(JSON.stringify(input));
}

/** What happens if the corpus has an open run. */
export interface RunPolicy extends Omit<FollowOptions, "onAbort"> {
  /**
   * `refuse`: the result has `status: "already running"`. `follow`: the open run is followed to its end, whatever its
   * options. `replace`: it is cancelled, or terminated if that takes too long, and a new one starts. Default: refuse.
   */
  whenOpen?: "refuse" | "follow" | "replace";
  /** What an aborted `signal` does to an open run that is followed; one that was started is cancelled. Default: cancel. */
  whenFollowed?: FollowOptions["onAbort"];
  /** Called with the open run before it is followed, replaced, or waited for because it is being cancelled. */
  onOpen?: (open: OpenRun, differences: OptionDifference[]) => void;
}

/**
 * Runs the pipeline to its end, from docs to release. A gate that refuses is a result, no error, and so is another run of
 * the same corpus, unless it is followed or replaced. Throws BadInput for a missing file, the named error of a failed
 * run, and Cancelled when `signal` aborted.
 *
 * @example
 * const stop = new AbortController();
 * const result = await runPipeline(client, { docs: "docs", questions: "questions.jsonl", budget: 20 }, {
 *   signal: stop.signal,
 *   whenOpen: "follow",
 *   onProgress: ({ stage, note }) => log.info({ stage, note }),
 * });
 */
export async function runPipeline(
  client: Client,
  options: RunOptions,
  policy: RunPolicy = {},
): Promise<PipelineResult> {
  const { whenOpen = "refuse", whenFollowed, onOpen = () => {}, ...following } = policy;
  const input = pipelineInput(options);
  const corpus = corpusOf(options);
  for (let open = whenOpen === "refuse" ? null : await openRun(client, corpus); ; ) {
    if (open) {
      onOpen(open, optionDifferences(open.input, input));
      if (whenOpen === "follow" && !open.cancelling)
        return await followRun(client, open.workflowId, { ...following, onAbort: whenFollowed });
      await endRun(client, open.workflowId, { reason: "replaced by another run", signal: following.signal });
    }
    const result = await followPipeline(client, await start(client, corpus, input), following);
    if (result.status !== "already running" || whenOpen === "refuse") return result;
    // Somebody else started one between the look and the start.
    open = await openRunOf(client, result.workflowId, corpus);
  }
}

/** Name of the corpus that these options build. */
export function corpusOf({ name, docs }: Pick<RunOptions, "name" | "docs">): string {
  return name ?? sourceName(parseSource(docs, process.cwd()));
}

function start(client: Client, corpus: string, input: Record<string, unknown>): Promise<WorkflowHandle> {
  const stamp = new Date().toISOString().replace(/[-:]/g, "").slice(0, 15);
  return client.workflow.start(WORKFLOWS.pipeline, {
    workflowId: `pipeline-${corpus}-${stamp}-${randomUUID().slice(0, 4)}`,
    taskQueue: QUEUES.main,
    args: [input],
    staticSummary: `Docs to release: ${corpus}`,
    staticDetails:
      "ingest → embed → build-index → train → evaluate → deploy. Query `progress`; signals `pause`, `resume`.",
  });
}
