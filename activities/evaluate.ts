import { join } from "node:path";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { EvaluationSummary } from "../contracts/evaluation.ts";
import { canonicalJson } from "../core/base/canonical.ts";
import { WinnowError } from "../core/base/errors.ts";
import { fileDigest, folderDigest } from "../core/base/folderDigest.ts";
import type { GateEvidence } from "../core/judging/gate.ts";
import { servingReranker } from "../core/storage/releaseFolders.ts";
import type { Release, Releases } from "../core/storage/releases.ts";
import { isOutage } from "../core/storage/storage.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { runStep, type StageDeps, type StepMode } from "./stageRunner.ts";
import { type CorpusRefs, corpusDirs, corpusInputs } from "./train.ts";

export interface EvaluateInput extends CorpusRefs {
  corpus: string;
  train: ArtifactRef;
  /** Artifact of `prepareTraining`: its held-out questions serve where no question set is given; else it may be null. */
  data: ArtifactRef | null;
  questions: string | null;
  /** As `PipelineInput`'s. */
  falseAnswers?: number;
  /** Artifacts of `scoreShard`; none: every pair is scored here. */
  scores?: ArtifactRef[];
  mode: StepMode;
}

export interface EvaluateFacts {
  summary: EvaluationSummary;
  evidence: GateEvidence;
  /** Release the evidence compares with. */
  champion: string | null;
}

/** The champion of a corpus, whole, or null. */
export async function championOf(releases: Releases, corpus: string): Promise<Release | null> {
  const champion = await releases.champion(corpus);
  return champion ? releases.read(champion.release) : null;
}

/** True when a release is made of these very artifacts. */
export function serves({ manifest }: Release, refs: CorpusRefs & { train: ArtifactRef }): boolean {
  const digests = (parts: CorpusRefs & { train: ArtifactRef }) =>
    [parts.ingest, ...parts.embed, parts.buildIndex, parts.train].map((ref) => ref.sha256).join();
  return digests(manifest) === digests(refs);
}

export type EvaluateDeps = StageDeps & { releases: Releases };

export function createEvaluateActivities(deps: EvaluateDeps) {
  return {
    /** The ladder, calibration and everything the gate decides on. */
    async evaluate(input: EvaluateInput) {
      const { champion, file, step } = await withHeartbeat("evaluate", () => evaluationStep(deps, input));
      return runStep<EvaluateFacts>(deps, {
        ...step,
        async work(outDir, pulse) {
          const imports = await Promise.all((input.scores ?? []).map((ref) => deps.store.resolve(ref)));
          const outcome = await deps.compute(
            "evaluate",
            {
              ...(await candidateArgs(deps, input, champion)),
              questionsFile: input.questions,
              generatedFile: input.questions ? null : file,
              falseAnswers: input.falseAnswers,
              outDir,
              scores: { ...scoreSource(deps), imports },
            },
            pulse,
          );
          const { summary, evidence } = outcome;
          return { summary: evaluationLine(summary), facts: { summary, evidence, champion: champion?.id ?? null } };
        },
      });
    },
  };
}

/** What identifies the evaluation of a candidate, its question file, and the champion it is compared with. */
export async function evaluationStep(deps: EvaluateDeps, input: EvaluateInput) {
  const champion = await championOf(deps.releases, input.corpus);
  const file = input.questions ?? (input.data && join(await deps.store.resolve(input.data), "heldout.jsonl"));
  if (!file) throw new WinnowError("BadInput", "evaluate got neither a question set nor generated questions");
  const step = {
    name: "evaluate" as const,
    stage: "evaluate" as const,
    corpus: input.corpus,
    mode: input.mode,
    inputs: await evaluationInputs(deps, input, champion, file),
    options: input.falseAnswers === undefined ? {} : { falseAnswers: input.falseAnswers },
  };
  return { champion, file, step };
}

/** Folders of a candidate and of what it is compared with. */
export async function candidateArgs(deps: EvaluateDeps, input: EvaluateInput, champion: Release | null) {
  return {
    ...(await corpusDirs(deps, input)),
    trainDir: await deps.store.resolve(input.train),
    modelDir: deps.models.embedder,
    baseDir: deps.models.base,
    ...(await championArgs(deps, champion)),
  };
}

/** Where this machine keeps the scores of pairs. */
export function scoreSource({ home, code }: StageDeps) {
  return { cacheDir: join(home, "scores"), code: code.scores };
}

async function championArgs({ store }: StageDeps, champion: Release | null) {
  if (!champion) return {};
  const { train, evaluate, ranking } = champion.manifest;
  const championEvaluateDir = await store.resolve(evaluate);
  return {
    championTrainDir: servingReranker(await store.resolve(train), championEvaluateDir),
    championEvaluateDir,
    championRanking: ranking,
  };
}

/**
 * What an evaluation depends on. Where the champion is this very candidate, the champion it was measured against then
 * stays in the key, so that a run with nothing new finds its own evaluation. One that is to be made again is measured
 * against the champion now, and kept under it.
 */
async function evaluationInputs(
  deps: StageDeps,
  input: EvaluateInput,
  champion: Release | null,
  questionsFile: string,
): Promise<Record<string, string>> {
  const inputs = {
    ...corpusInputs(input),
    reranker: input.train.sha256,
    embedder: await folderDigest(deps.models.embedder),
    base: await folderDigest(deps.models.base),
    questions: await fileDigest(questionsFile),
    champion: champion?.id ?? "none",
  };
  if (!champion || !serves(champion, input)) return inputs;
  const last = await deps.steps.latest<{ ref: ArtifactRef }>(input.corpus, "evaluate");
  if (!last || input.mode.force || last.parts.code !== deps.code.evaluate) return inputs;
  const then = { ...inputs, champion: last.parts.inputs.champion ?? "none" };
  if (canonicalJson(last.parts.inputs) !== canonicalJson(then)) return inputs;
  const sound = await deps.store.resolve(last.output.ref).then(
    () => true,
    (error) => {
      if (isOutage(error)) throw error;
      return false;
    },
  );
  return sound ? then : inputs;
}

function evaluationLine(summary: EvaluationSummary): string {
  const rows = summary.ladder.map(({ name, metrics }) => `${name} ${metrics["ndcg@10"].value.toFixed(3)}`);
  const kind = summary.source === "judged" ? "judged" : "generated";
  return `nDCG@10 on ${summary.questions} ${kind} questions: ${rows.join(", ")}`;
}
