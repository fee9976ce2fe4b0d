import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EvaluationSummary, Precision } from "../../../contracts/evaluation.ts";
import type { Ranking } from "../../../contracts/passage.ts";
import type { EvaluationFile, QuestionLine } from "../../artifacts/evaluation.ts";
import { readCalibrations } from "../../artifacts/evaluation.ts";
import { readTrainingCurve } from "../../artifacts/reranker.ts";
import { WinnowError } from "../../base/errors.ts";
import { fileDigest } from "../../base/folderDigest.ts";
import { readJsonLines } from "../../base/jsonl.ts";
import type { WorkContext } from "../../base/progress.ts";
import { type AssessOptions, assess } from "../../judging/assess.ts";
import type { BootstrapOptions } from "../../judging/bootstrap.ts";
import { chooseReranker } from "../../judging/chooseReranker.ts";
import type { GateEvidence } from "../../judging/gate.ts";
import { loadQuestionSet } from "../../judging/questionSet.ts";
import type { CandidateRole, RerankerChoice, RerankerRole } from "../../judging/scored.ts";
import { openEmbedder } from "../../models/embedder.ts";
import { openRetriever } from "../../retrieval/retriever.ts";
import { type RerankOutcome, rerankQuestions } from "./rerankQuestions.ts";
import { type Scoring, scoreQuestions } from "./scoreQuestions.ts";
import { type CandidateArgs, type Closable, candidateRerankers, keep, Scorers, type ScoreSources } from "./scorers.ts";
import { writeEvaluation } from "./writeEvaluation.ts";

/** Candidates a question, the depth served. */
export const DEPTH = 30;

/** Artifacts that make up what is evaluated. */
export interface EvaluatedParts {
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
  /** Tuned reranker; `null` evaluates retrieval alone. */
  trainDir: string | null;
  /** Model folder of the embedder. */
  modelDir: string;
}

export interface EvaluateOptions {
  outDir: string;
  /** Candidates a question, the depth served. */
  depth?: number;
  /** Resamples of the bootstrap. */
  resamples?: number;
  seed?: number;
  /** The threshold keeps the share of false answers to it; default: the rates of false answers and refusals are least together. */
  falseAnswers?: number;
  /** Default: all pairs are scored. */
  scores?: ScoreSources;
}

export interface EvaluateArgs extends EvaluatedParts, EvaluateOptions, CandidateArgs {
  /** Judged question set; where `null`, `generatedFile` takes its place and everything is labelled so. */
  questionsFile: string | null;
  generatedFile: string | null;
}

export interface EvaluationOutcome {
  summary: EvaluationSummary;
  /** What the gate decides on. */
  evidence: GateEvidence;
  /** Ranking that earned its place on these questions. */
  ranking: Ranking;
  p95RerankMs: number | null;
}

/**
 * Evaluates a candidate by the rules of DESIGN section 8 and writes `evaluation.json`, `calibration.json`,
 * `questions.jsonl` and `report.html`. Throws `BadQuestionSet`, `BadModel`, `CorruptArtifact`, `Cancelled`.
 */
export async function evaluateCandidate(args: EvaluateArgs, context: WorkContext): Promise<EvaluationOutcome> {
  const file = args.questionsFile ?? args.generatedFile;
  if (!file) throw new WinnowError("BadInput", "evaluate needs a question set, judged or generated: none was given");
  const { rerankers, precisions, championRanking } = await candidateRerankers(args);
  const passed = args.championEvaluateDir ? await passedMustPass(args.championEvaluateDir, championRanking) : null;
  return run({
    parts: args,
    options: args,
    file,
    source: args.questionsFile ? "judged" : "generated",
    rerankers,
    precisions,
    champion: { ranking: championRanking, passed },
    frozen: null,
    context,
  });
}

export interface EvaluateReleaseArgs extends EvaluatedParts, EvaluateOptions {
  questionsFile: string;
  /** Ranking the release serves with. */
  ranking: Ranking;
  /** The release's evaluate artifact: its calibrations and thresholds are used exactly as they serve. */
  evaluateDir: string;
  /** Whether `trainDir` was trained or is the untrained reranker. */
  rerankerRole: CandidateRole;
}

/** Evaluates a release as it serves, on any question set: its own calibration and threshold, nothing fitted. */
export async function evaluateRelease(args: EvaluateReleaseArgs, context: WorkContext): Promise<EvaluationOutcome> {
  const calibrations = await readCalibrations(join(args.evaluateDir, "calibration.json"));
  const fittedOn = await questionSetOf(args.evaluateDir);
  return run({
    parts: args,
    options: args,
    file: args.questionsFile,
    source: "judged",
    rerankers: { tuned: null, untrained: null, champion: null, [args.rerankerRole]: args.trainDir },
    precisions: { [args.rerankerRole]: calibrations.precision },
    champion: { ranking: null, passed: null },
    frozen: { calibrations, ranking: args.ranking, role: args.rerankerRole, fittedOn },
    context,
  });
}

interface Run {
  parts: EvaluatedParts;
  options: EvaluateOptions;
  file: string;
  source: EvaluationSummary["source"];
  rerankers: Record<RerankerRole, string | null>;
  /** Those decided before: a release's own, the champion's. */
  precisions: Partial<Record<RerankerRole, Precision>>;
  champion: { ranking: Ranking | null; passed: string[] | null };
  /** `fittedOn` is the digest of the question set the calibrations come from. */
  frozen: (AssessOptions["frozen"] & { fittedOn: string | null }) | null;
  context: WorkContext;
}

async function run(settings: Run): Promise<EvaluationOutcome> {
  const { parts, options, file, source, rerankers, precisions, champion, frozen, context } = settings;
  const { depth = DEPTH, resamples = 2000, seed = 17, outDir } = options;
  const { compute } = context;
  const questions = await loadQuestionSet(file);
  const questionSet = await fileDigest(file);
  const opened: Closable[] = [];
  try {
    const embedder = await keep(opened, openEmbedder(parts.modelDir, compute));
    const retriever = await keep(opened, openRetriever({ ...parts, embedder, vectors: compute.vectors }));
    const scorers = new Scorers({ ...options, outDir, precisions, compute }, opened);
    const scoringParts = { retriever, embedder, rerankers: await scorers.open(rerankers), depth };
    const scoring = await scoreQuestions(questions, scoringParts, context);
    copyChampionLogits(scoring, rerankers);
    requireQuestions(scoring, file);
    const bootstrap = { resamples, seed };
    const calibration = !frozen ? "out-of-fold" : frozen.fittedOn === questionSet ? "in-sample" : "frozen";
    const chosen = frozen ? null : await choose(scoring, scorers, source, bootstrap, context);
    const { int8, latency } = chosen?.outcome ?? scoring;
    const reranker = chosen?.reranker;
    const assessment = assess(scoring.scored, {
      source,
      stale: scoring.stale.length,
      bootstrap,
      p95RerankMs: latency?.p95 ?? null,
      reranker,
      precision: int8?.accepted ? "int8" : "float32",
      int8,
      calibration,
      falseAnswers: options.falseAnswers,
      championRanking: champion.ranking,
      championPassed: champion.passed,
      frozen,
    });
    await writeEvaluation(outDir, {
      assessment,
      scoring: { ...scoring, int8, latency },
      questions,
      passages: retriever.passages,
      settings: { depth, resamples, seed },
      questionSet,
      calibration,
      gate: null,
      training: rerankers.tuned ? await readTrainingCurve(rerankers.tuned) : null,
    });
    const { summary, evidence, ranking } = assessment;
    return { summary, evidence, ranking, p95RerankMs: evidence.p95RerankMs };
  } finally {
    for (const part of opened.reverse()) await part.close();
  }
}

/**
 * Whose weights serve, each in the precision it would serve in: where the tuned int8 twin serves, the untrained weights
 * are scored by theirs first (`rerankQuestions` leaves them to it), since beside a twin float32 looks better than it will be.
 */
async function choose(
  scoring: Scoring,
  scorers: Scorers,
  source: EvaluationSummary["source"],
  bootstrap: BootstrapOptions,
  context: WorkContext,
): Promise<{ reranker: RerankerChoice; outcome: RerankOutcome }> {
  const scoreBefore = async () =>
    rerankQuestions(scoring.tasks, await scorers.openUntrainedTwin(), context, "untrained");
  const before = scoring.int8?.accepted && scorers.hasUntrained ? await scoreBefore() : null;
  const reranker = chooseReranker(scoring.scored, source, bootstrap);
  const outcome = reranker.role === "untrained" ? (before ?? (await scoreBefore())) : scoring;
  return { reranker, outcome };
}

function copyChampionLogits({ scored }: Scoring, dirs: Record<RerankerRole, string | null>): void {
  if (!dirs.champion || dirs.champion !== dirs.tuned) return;
  for (const question of scored) question.logits.champion = question.logits.tuned;
}

function requireQuestions({ scored, stale }: Scoring, file: string): void {
  if (scored.some((question) => question.answerable)) return;
  const why =
    stale.length > 0 ? `${stale.length} are stale: their evidence is not in these docs` : "none has a judgment";
  throw new WinnowError("BadQuestionSet", `${file} has no answerable question to evaluate on: ${why}`);
}

async function questionSetOf(evaluateDir: string): Promise<string | null> {
  const file: Partial<EvaluationFile> = JSON.parse(await readFile(join(evaluateDir, "evaluation.json"), "utf8"));
  return file.details?.questionSet ?? null;
}

async function passedMustPass(evaluateDir: string, ranking: Ranking | null): Promise<string[]> {
  const lines = await readJsonLines<QuestionLine>(join(evaluateDir, "questions.jsonl"));
  return lines.filter((line) => line.served[ranking ?? "retrieval"]?.mustPassPassed).map((line) => line.id);
}
