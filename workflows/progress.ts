import {
  condition,
  defineQuery,
  defineSignal,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import type { PipelineRequest } from "../activities/light.ts";
import type { SourceCheck } from "../activities/source.ts";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { EvaluationSummary } from "../contracts/evaluation.ts";
import { type QueueName, STAGE_PROGRESS, STAGES, type StageName } from "../contracts/names.ts";
import type {
  CorpusChanges,
  FirstRelease,
  PipelineProgress,
  PipelineResult,
  StageProgress,
  StageReport,
} from "../contracts/pipeline.ts";
import type { StageMode } from "../core/stages/stage.ts";
import type { ApprovalRule } from "./approval.ts";
import { pageDiff, runDetails } from "./details.ts";
import { type Facts, publishFacts } from "./facts.ts";
import type { StageOutcome } from "./outcome.ts";
import { type Callable, onPool } from "./pools.ts";

const progress = defineQuery<PipelineProgress>("progress");
const pause = defineSignal("pause");
const resume = defineSignal("resume");
const stageProgress = defineSignal<[StageProgress]>(STAGE_PROGRESS);
/** Longest progress note shown in the details, in characters. */
const NOTE_CHARACTERS = 200;

/** Thrown when the run reaches a stage after the last requested one. */
export class EndedEarly extends Error {}

/** State of one run: finished stages, the running stage, and the request. details.ts renders it. */
export class PipelineRun {
  readonly input: PipelineRequest["input"];
  /** The models that the input names. */
  readonly models: PipelineRequest["models"];
  private readonly reports: StageReport[] = [];
  private readonly artifacts: PipelineResult["artifacts"] = {};
  /** The embedder and the model that the reranker starts from. */
  private readonly inUse: ArtifactRef[];
  private readonly last: StageName;
  private current: StageName | null = null;
  private note: string | null = null;
  private waiting: string | null = null;
  private paused = false;
  private source: PipelineResult["source"] = null;
  private changes: CorpusChanges | null = null;
  private first: FirstRelease | null = null;
  /** Path or URL of the evaluation's report. */
  private place: string | null = null;
  /** Whether the reranker is trained, once decided. */
  plan: { train: boolean; why: string } | null = null;
  /** Figures of the candidate, once evaluated. */
  evaluation: EvaluationSummary | null = null;

  constructor(private readonly request: PipelineRequest) {
    this.input = request.input;
    this.models = request.models;
    this.inUse = Object.values(this.models).flatMap((chosen) => (chosen ? [chosen.artifact] : []));
    this.last = this.input.only ?? this.input.until;
    this.handle();
    this.publish({ corpus: this.input.corpus });
  }

  /** Answers queries and signals. The Web UI shows the descriptions. */
  private handle(): void {
    const told = () => ({
      stage: this.current,
      note: this.waiting ?? this.note,
      stages: this.reports,
      first: this.first,
      artifacts: [...this.inUse, ...Object.values(this.artifacts)],
    });
    setHandler(progress, told, { description: "Stage under way with its last note, finished stages, and artifacts." });
    setHandler(pause, () => this.setPaused(true), { description: "Pauses the run before its next stage." });
    setHandler(resume, () => this.setPaused(false), { description: "Lets a paused run go on." });
    const note = ({ stage, note }: StageProgress) => {
      // A note may arrive after its stage has ended.
      if (stage === this.current) this.report(note);
    };
    setHandler(stageProgress, note, { description: "Sent by workers: a note on a stage that takes minutes." });
  }

  /**
   * Waits while the run is paused, then runs a stage and reports it. Throws EndedEarly for a stage after the last
   * requested one.
   */
  async stage<T extends StageOutcome>(name: StageName, work: (mode: StageMode) => Promise<T>): Promise<T> {
    if (STAGES.indexOf(name) > STAGES.indexOf(this.last)) throw new EndedEarly();
    this.current = name;
    this.note = null;
    this.publish({ stage: name });
    this.show();
    await condition(() => !this.paused);
    const { only, force } = this.input;
    const outcome = await work({ force: force.includes(name), cachedOnly: only !== undefined && only !== name });
    const { skipped, why, seconds, summary, ref } = outcome;
    const again = this.reports.findIndex((report) => report.name === name);
    if (again >= 0) this.reports.splice(again);
    this.reports.push({ name, skipped, why, seconds, summary });
    if (ref) this.artifacts[name] = ref;
    this.current = null;
    this.note = null;
    this.show();
    return outcome;
  }

  /** Holds a model that the run needs but no stage makes, so that gc keeps it. */
  uses(model: ArtifactRef): void {
    this.inUse.push(model);
  }

  /** Calls an activity on a pool of workers. During a store outage, the details show the store. */
  on<A extends unknown[], R>(queue: QueueName, activity: Callable<A, R>, summary: string, ...args: A): Promise<R> {
    return onPool(queue, activity, { summary, waits: (waiting) => this.wait(waiting) }, ...args);
  }

  /** Shows the progress of the running stage. */
  report(note: string): void {
    this.note = note.replace(/[|\r\n]+/g, " ").slice(0, NOTE_CHARACTERS);
    this.show();
  }

  /** Shows the store that the run waits for; null when the wait ends. */
  wait(waiting: string | null): void {
    this.waiting = waiting;
    this.show();
  }

  /**
   * Records the resolved version of the docs. A run that stops early or forces a stage never counts as a repetition.
   */
  resolved(check: SourceCheck): SourceCheck {
    this.source = check.source;
    this.show();
    const whole = this.deploys && this.input.force.length === 0;
    return whole ? check : { ...check, unchanged: null };
  }

  /** Returns the ingest stage with its page diff. */
  compared<T extends StageOutcome>(read: T, changes: CorpusChanges | null): T {
    this.changes = changes;
    return changes ? { ...read, summary: `${read.summary}; ${pageDiff(changes)}` } : read;
  }

  /** Returns the result of a run that would only repeat an earlier one. */
  repeated({ unchanged, why }: SourceCheck): PipelineResult {
    for (const name of STAGES) this.reports.push({ name, skipped: true, why, seconds: 0, summary: "unchanged" });
    this.show();
    return this.result({ ...unchanged, status: "unchanged", reason: `Unchanged: ${why}.` });
  }

  /** True if the run does all stages. */
  get deploys(): boolean {
    return this.last === "deploy" && this.input.only === undefined;
  }

  /** Shows the release that serves before it is measured, or why none does. */
  served(first: FirstRelease): void {
    this.first = first;
    if (first.release) this.publish({ release: first.release });
    this.show();
  }

  /** Shows where the evaluation's report lies. */
  reported(place: string): void {
    this.place = place;
    this.show();
  }

  /** Whether a person must approve the candidate. */
  get approvalRule(): ApprovalRule {
    const { gate, approvalHours } = this.input;
    return { gate, approvalHours, searchable: this.request.searchable };
  }

  result(outcome: Partial<PipelineResult>): PipelineResult {
    const result: PipelineResult = {
      status: "completed",
      workflowId: workflowInfo().workflowId,
      corpus: this.input.corpus,
      release: null,
      promoted: false,
      reason: `Stopped after ${this.last}, as asked.`,
      source: this.source,
      changes: this.changes,
      retrain: this.plan && { train: this.plan.train, why: this.plan.why },
      stages: this.reports,
      evaluation: this.evaluation,
      gate: null,
      approval: null,
      first: this.first,
      artifacts: this.artifacts,
      ...outcome,
    };
    this.publish({ outcome: outcomeOf(result) });
    return result;
  }

  /** Publishes facts for finding this run. */
  publish(facts: Facts): void {
    publishFacts(this.request.searchable, facts);
  }

  private setPaused(paused: boolean): void {
    this.paused = paused;
    this.show();
  }

  private show(): void {
    const { current, note, last, reports, paused, waiting, source, changes, first, plan, place } = this;
    const { corpus, docs } = this.input;
    const state = { current, note, last, reports, paused, waiting, source, changes, first, plan, place };
    setCurrentDetails(runDetails({ ...state, corpus, docs: docs.path, models: this.models }));
  }
}

/** One word for filtering runs. */
function outcomeOf({ status, release, promoted, approval }: PipelineResult): string {
  if (status !== "completed") return status;
  if (approval !== null) return "waiting";
  if (release === null) return "stopped";
  return promoted ? "promoted" : "refused";
}
