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
import type { StepMode } from "../activities/stageRunner.ts";
import { STAGE_PROGRESS, STAGES, type StageName } from "../contracts/names.ts";
import type {
  CorpusChanges,
  PipelineProgress,
  PipelineResult,
  StageProgress,
  StageReport,
} from "../contracts/pipeline.ts";
import type { ApprovalRule } from "./approval.ts";
import { type Facts, publishFacts } from "./facts.ts";
import { onOutage } from "./outages.ts";
import type { StageOutcome } from "./outcome.ts";

const progress = defineQuery<PipelineProgress>("progress");
const pause = defineSignal("pause");
const resume = defineSignal("resume");
const stageProgress = defineSignal<[StageProgress]>(STAGE_PROGRESS);
/** Of what a stage tells of itself, shown in the details. */
const NOTE_CHARACTERS = 200;

/** One run of the pipeline as people see it: its progress, its details in the Web UI, what it was asked to do. */
export class PipelineRun {
  readonly input: PipelineRequest["input"];
  private readonly reports: StageReport[] = [];
  private readonly artifacts: PipelineResult["artifacts"] = {};
  private readonly last: StageName;
  private current: StageName | null = null;
  private note: string | null = null;
  /** What the run waits for, while a store is away. */
  private waiting: string | null = null;
  private paused = false;
  private source: PipelineResult["source"] = null;
  private changes: CorpusChanges | null = null;
  /** Whether the reranker is trained, once that is decided. */
  plan: { train: boolean; why: string } | null = null;

  constructor(private readonly request: PipelineRequest) {
    this.input = request.input;
    this.last = this.input.only ?? this.input.until;
    setHandler(progress, () => ({
      stage: this.current,
      note: this.waiting ?? this.note,
      stages: this.reports,
      artifacts: Object.values(this.artifacts),
    }));
    setHandler(pause, () => {
      this.paused = true;
      this.show();
    });
    setHandler(resume, () => {
      this.paused = false;
      this.show();
    });
    setHandler(stageProgress, ({ stage, note }) => {
      // One that was under way when its stage ended tells nothing any more.
      if (stage === this.current) this.tell(note);
    });
    onOutage((waiting) => {
      this.waiting = waiting;
      this.show();
    });
    this.publish({ corpus: this.input.corpus });
  }

  /** Runs a stage unless the run is paused, and reports it. */
  async stage<T extends StageOutcome>(name: StageName, work: (mode: StepMode) => Promise<T>): Promise<T> {
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

  /** Shows how far the running stage is. */
  tell(note: string): void {
    this.note = note.replace(/[|\r\n]+/g, " ").slice(0, NOTE_CHARACTERS);
    this.show();
  }

  /** Resolves the docs to a version. A run that stops early, or is told to do a stage again, repeats no earlier one. */
  async checkSource(resolve: (input: PipelineRequest["input"]) => Promise<SourceCheck>): Promise<SourceCheck> {
    const check = await resolve(this.input);
    this.source = check.source;
    this.show();
    const whole = this.last === "deploy" && this.input.only === undefined && this.input.force.length === 0;
    return whole ? check : { ...check, unchanged: null };
  }

  /** The ingest stage with its page diff. */
  compared<T extends StageOutcome>(read: T, changes: CorpusChanges | null): T {
    this.changes = changes;
    return changes ? { ...read, summary: `${read.summary}; ${pageDiff(changes)}` } : read;
  }

  /** The result of a run that would only repeat an earlier one. */
  repeated({ unchanged, why }: SourceCheck): PipelineResult {
    for (const name of STAGES) this.reports.push({ name, skipped: true, why, seconds: 0, summary: "unchanged" });
    this.show();
    return this.result({ ...unchanged, status: "unchanged", reason: `Unchanged: ${why}.` });
  }

  /** Whether a person is asked before the candidate serves. */
  get approvalRule(): ApprovalRule {
    const { gate, approvalHours } = this.input;
    return { gate, approvalHours, searchable: this.request.searchable };
  }

  /** True when this stage is the last one asked for. */
  endsAfter(name: StageName): boolean {
    return this.last === name;
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
      evaluation: null,
      gate: null,
      approval: null,
      artifacts: this.artifacts,
      ...outcome,
    };
    this.publish({ outcome: outcomeOf(result) });
    return result;
  }

  /** Facts to find this run by. */
  publish(facts: Facts): void {
    publishFacts(this.request.searchable, facts);
  }

  private show(): void {
    const rows = STAGES.slice(0, STAGES.indexOf(this.last) + 1).map((name) => this.row(name));
    const paused = this.paused ? "Paused: send the signal `resume` to go on.\n\n" : "";
    const state = this.waiting ? `${paused}**Waiting.** ${this.waiting}\n\n` : paused;
    const { corpus, docs } = this.input;
    const table = ["| stage | state | seconds | what |", "| --- | --- | --- | --- |", ...rows].join("\n");
    const version = this.source ? ` (${this.source.kind} ${this.source.version.slice(0, 12)})` : "";
    const news = this.changes ? `\n\n${pageDiff(this.changes)}${examples(this.changes)}` : "";
    const plan = this.plan ? `\n\n${this.plan.train ? "Training" : "Index only"}: ${this.plan.why}.` : "";
    setCurrentDetails(`${state}Corpus **${corpus}** from \`${docs.path}\`${version}${news}${plan}\n\n${table}`);
  }

  private row(name: StageName): string {
    const report = this.reports.find((done) => done.name === name);
    if (!report) return this.current === name ? `| ${name} | running | | ${this.note ?? ""} |` : `| ${name} | | | |`;
    const what = report.skipped ? report.why : `${report.summary} (${report.why})`;
    return `| ${name} | ${report.skipped ? "skipped" : "done"} | ${report.seconds.toFixed(1)} | ${what.replaceAll("|", "/").slice(0, 500)} |`;
  }
}

/** One word to filter runs by. */
function outcomeOf({ status, release, promoted, approval }: PipelineResult): string {
  if (status !== "completed") return status;
  if (approval !== null) return "waiting";
  if (release === null) return "stopped";
  return promoted ? "promoted" : "refused";
}

function pageDiff({ pages, passages, against }: CorpusChanges): string {
  return `pages against release ${against}: ${pages.added} added, ${pages.changed} changed, ${pages.removed} removed (${passages.fresh} of ${passages.total} passages new)`;
}

function examples({ examples }: CorpusChanges): string {
  const lists = (["added", "changed", "removed"] as const).filter((kind) => examples[kind].length > 0);
  return lists.map((kind) => `\n- ${kind}: ${examples[kind].map((page) => `\`${page}\``).join(", ")}`).join("");
}
