import { join } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { EvaluationSummary } from "../../contracts/evaluation.ts";
import type { ReleaseManifest } from "../../contracts/release.ts";
import { areAboutAllPages, heldoutFile } from "../artifacts/groups.ts";
import { canonicalJson } from "../base/canonical.ts";
import { WinnowError } from "../base/errors.ts";
import type { GateEvidence } from "../judging/gate.ts";
import { modelsInWords } from "../storage/modelsInWords.ts";
import type { MeasuredRelease } from "../storage/releases.ts";
import { isOutage } from "../storage/storage.ts";
import { championToBeat, serves } from "./champion.ts";
import { type CorpusRefs, corpusArgs, corpusReads, type RerankerRefs } from "./corpusRefs.ts";
import { labelsRead } from "./labels.ts";
import { inputsOf } from "./runStage.ts";
import { defineStage, type Reads, type StageContext, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface EvaluateInput extends StageInput, CorpusRefs, RerankerRefs {
  /** Artifact of `heldout` or `prepareTraining`, whose questions replace a missing question set; else it may be null. */
  data: ArtifactRef | null;
  questions: string | null;
  /** Named in the report. */
  models?: ReleaseManifest["models"];
  /** Same as in `PipelineInput`. */
  falseAnswers?: number;
  /** Artifacts of `scoreShard`; if empty, every pair is scored here. */
  scores: ArtifactRef[];
}

export interface EvaluateFacts {
  summary: EvaluationSummary;
  evidence: GateEvidence;
  /** Release that the evidence compares with. A champion that was never measured is none. */
  champion: string | null;
}

const SHOWN_OF_VERSION = 12;

/** Measures the ladder, the calibration and the evidence for the gate. */
export const evaluate = defineStage({
  name: "evaluate",
  of: "evaluate",
  queue: "winnow-cpu",
  reads: (input: EvaluateInput, context) => evaluationReads(input, context),
  shares: ["reranker", "untrained"],
  options: ({ falseAnswers }: EvaluateInput) => (falseAnswers === undefined ? {} : { falseAnswers }),
  work: works.evaluate,
  async run(
    found,
    input: EvaluateInput,
    { context, open, compute },
  ): Promise<{ summary: string; facts: EvaluateFacts }> {
    const { champion } = found;
    const imports = await Promise.all(input.scores.map(open));
    const { summary, evidence } = await compute({
      ...(await candidateArgs(found, context)),
      questionsFile: input.questions,
      generatedFile: input.questions ? null : found.questions,
      allPages: await wereNoneHeldOut(input, context),
      falseAnswers: input.falseAnswers,
      scores: { ...scoreSource(context), imports },
      about: { corpus: input.corpus, docs: await docsVersion(input, context), models: modelsInWords(input) },
      championRelease: champion?.id ?? null,
      championEmbedsOtherwise: champion !== null && champion.manifest.embedder.sha256 !== input.embedder.sha256,
      labels: found.votes,
    });
    return { summary: evaluationLine(summary), facts: { summary, evidence, champion: champion?.id ?? null } };
  },
});

/** The version that the corpus's last ingest resolved, if this is its artifact; otherwise the artifact's digest. */
async function docsVersion({ corpus, ingest }: EvaluateInput, { steps }: StageContext): Promise<string> {
  const last = await steps.latest<{ ref: ArtifactRef }>(corpus, "ingest");
  const version = last?.output.ref.sha256 === ingest.sha256 ? last.parts.inputs.docs : undefined;
  return (version ?? ingest.sha256).slice(0, SHOWN_OF_VERSION);
}

/** The question file of an evaluation: the judged set, or else the generated questions. */
export async function questionFile(
  { questions, data }: Pick<EvaluateInput, "questions" | "data">,
  { store }: StageContext,
): Promise<string> {
  const file = questions ?? (data && heldoutFile(await store.resolve(data)));
  if (file) return file;
  throw new WinnowError("BadInput", "evaluate got neither a question set nor generated questions");
}

/** True for generated questions of docs that hold no page out. */
async function wereNoneHeldOut({ questions, data }: EvaluateInput, { store }: StageContext): Promise<boolean> {
  return !questions && data !== null && areAboutAllPages(await store.resolve(data));
}

/** Folders of a candidate and of the champion to compare it with. */
export async function candidateArgs(
  found: Parameters<typeof corpusArgs>[0] & {
    reranker: string | null;
    untrained: string;
    champion: MeasuredRelease | null;
  },
  { store }: StageContext,
) {
  const own = { ...corpusArgs(found), trainDir: found.reranker, untrainedDir: found.untrained };
  const { champion } = found;
  if (!champion) return own;
  const { reranker, evaluate, ranking } = champion.manifest;
  return {
    ...own,
    championTrainDir: await store.resolve(reranker.ref),
    championEvaluateDir: await store.resolve(evaluate),
    championRanking: ranking,
  };
}

/** The cache of pair scores on this machine. */
export function scoreSource({ home, code }: StageContext) {
  return { cacheDir: join(home, "scores"), code: code.scores! };
}

/**
 * The inputs of an evaluation. If the champion is this very candidate, the key keeps the champion it was measured
 * against then. A run with nothing new thereby finds its own evaluation. An evaluation that must be repeated uses the
 * current champion in its key.
 */
export async function evaluationReads(input: Omit<EvaluateInput, "scores">, context: StageContext) {
  const champion = await championToBeat(context.releases, input.corpus);
  const reads = {
    ...corpusReads(input),
    reranker: input.train,
    untrained: input.untrained,
    questions: { file: await questionFile(input, context) },
    champion: { digest: champion?.id ?? "none", value: champion },
    votes: await labelsRead(context, input.corpus),
  };
  if (!champion || !serves(champion, input)) return reads;
  const then = await championThen(input, reads, context);
  return then === null ? reads : { ...reads, champion: { digest: then, value: champion } };
}

/** The champion of the corpus's last evaluation, if that evaluated this very candidate and is intact. */
async function championThen(
  { corpus, mode }: StageInput,
  reads: Reads,
  { steps, code, store }: StageContext,
): Promise<string | null> {
  const last = await steps.latest<{ ref: ArtifactRef }>(corpus, "evaluate");
  if (!last || mode.force || last.parts.code !== code.evaluate) return null;
  const champion = last.parts.inputs.champion ?? "none";
  if (canonicalJson(last.parts.inputs) !== canonicalJson({ ...(await inputsOf(reads)), champion })) return null;
  const sound = await store.resolve(last.output.ref).then(
    () => true,
    (error) => {
      if (isOutage(error)) throw error;
      return false;
    },
  );
  return sound ? champion : null;
}

/** Generated questions resemble the text they come from, so that their ladder would flatter word search. */
function evaluationLine(summary: EvaluationSummary): string {
  if (summary.source === "generated") return `${summary.questions} generated questions; judged ones would measure it`;
  const rows = summary.ladder.map(({ name, metrics }) => `${name} ${metrics["ndcg@10"].value.toFixed(3)}`);
  return `nDCG@10 on ${summary.questions} judged questions: ${rows.join(", ")}`;
}
