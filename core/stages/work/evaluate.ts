import type { EvaluationSummary } from "../../../contracts/evaluation.ts";
import type { PassageLabel } from "../../../contracts/labels.ts";
import type { Ranking } from "../../../contracts/passage.ts";
import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import { calibratedOn, readCalibrations, readQuestionLines, writeEvaluation } from "../../artifacts/evaluation.ts";
import { readTrainingCurve } from "../../artifacts/reranker.ts";
import { WinnowError } from "../../base/errors.ts";
import { givenDigest } from "../../base/given/digest.ts";
import { inPass, type WorkContext } from "../../base/progress.ts";
import { type Assessment, assess, type Champion, type FrozenRelease, NO_CHAMPION } from "../../judging/assess.ts";
import type { BootstrapOptions } from "../../judging/bootstrap.ts";
import { chooseReranker } from "../../judging/chooseReranker.ts";
import type { GateEvidence } from "../../judging/gate.ts";
import type { Question } from "../../judging/question.ts";
import { loadQuestionSet } from "../../judging/questionSet.ts";
import { type CandidateRole, hasLogits, type RerankerChoice } from "../../judging/scored.ts";
import { openEmbedder } from "../../models/families/index.ts";
import type { ReleaseBefore } from "../../report/beforeSection.ts";
import type { ReportSubject } from "../../report/headSection.ts";
import { openRetriever } from "../../retrieval/retriever.ts";
import { againstRecorded, type Recorded } from "./againstRecorded.ts";
import { evaluationContent } from "./evaluationContent.ts";
import { type LabelArgs, labelEffects } from "./labelEffects.ts";
import { releaseBefore } from "./reportQuestions.ts";
import { type Rerankers, type RerankOutcome, rerankQuestions } from "./rerankQuestions.ts";
import { type Scoring, type ScoringParts, scoreQuestions } from "./scoreQuestions.ts";
import {
  type CandidateArgs,
  type Closable,
  candidateRerankers,
  keep,
  type RerankerFolders,
  Scorers,
  type ScoreSources,
} from "./scorers.ts";
import { trainedQuestions } from "./trainedQuestions.ts";

/** Candidates per question: the depth served. */
export const DEPTH = 30;

/** Arguments common to the evaluation of a candidate and of a release. */
export interface EvaluationArgs extends CorpusDirs {
  /** Reranker that may serve, or `null` to evaluate retrieval alone. */
  trainDir: string | null;
  /** Model folder of the embedder. */
  modelDir: string;
  outDir: string;
  /** Candidates per question: the depth served. */
  depth?: number;
  /** Resamples of the bootstrap. */
  resamples?: number;
  seed?: number;
  /**
   * Maximum share of false answers that the threshold allows. Default: the threshold minimises false answers and
   * refusals together.
   */
  falseAnswers?: number;
  /** Cached and imported scores. Default: all pairs are scored. */
  scores?: ScoreSources;
  /** Named in the report. */
  about?: Partial<Omit<ReportSubject, "at">>;
}

export interface EvaluateArgs extends EvaluationArgs, CandidateArgs {
  /** Judged question set. If `null`, `generatedFile` replaces it and all results are labelled accordingly. */
  questionsFile: string | null;
  generatedFile: string | null;
  /** The generated questions are about all pages: none was held out. Default: false. */
  allPages?: boolean;
  /** Id of the champion's release. */
  championRelease?: string | null;
  /** The champion has another embedder, so its own evaluation is what to compare with. Default: false. */
  championEmbedsOtherwise?: boolean;
  /** Accepted votes on the corpus. Default: none. */
  labels?: readonly PassageLabel[];
}

export interface EvaluationOutcome {
  summary: EvaluationSummary;
  /** Evidence for the gate. */
  evidence: GateEvidence;
  /** The ranking to serve, by these questions. */
  ranking: Ranking;
  p95RerankMs: number | null;
}

/**
 * Evaluates a candidate by the rules of docs/evaluation.md and writes an evaluate artifact. Throws `BadQuestionSet`,
 * `BadModel`, `CorruptArtifact`, `Cancelled`.
 */
export async function evaluateCandidate(args: EvaluateArgs, context: WorkContext): Promise<EvaluationOutcome> {
  const file = args.questionsFile ?? args.generatedFile;
  if (!file) throw new WinnowError("BadInput", "evaluate needs a question set, judged or generated: none was given");
  const { rerankers, championRanking } = await candidateRerankers(args);
  const passed = args.championEvaluateDir ? await passedMustPass(args.championEvaluateDir, championRanking) : null;
  const source = args.questionsFile ? "judged" : "generated";
  const champion = { ranking: championRanking, passed };
  const before = await championBefore(args, championRanking);
  const { labels = [], trainDir, championEvaluateDir, allPages = false } = args;
  const voted = labels.length > 0 ? { labels, trainDir, championRanking, championEvaluateDir } : null;
  const recorded = args.championEmbedsOtherwise ? await championRecorded(args, championRanking) : null;
  return evaluate(
    args,
    { file, source, allPages, rerankers, champion, recorded, before, voted, frozen: null },
    context,
  );
}

export interface EvaluateReleaseArgs extends EvaluationArgs {
  questionsFile: string;
  /** Ranking the release serves with. */
  ranking: Ranking;
  /** The artifact with the release's calibrations, which and thresholds are used exactly as served. */
  evaluateDir: string;
  /** Whether `trainDir` holds the tuned or the untrained reranker. */
  rerankerRole: CandidateRole;
}

/** Evaluates a release as served on any question set, with its own calibration and threshold. Nothing is fitted. */
export async function evaluateRelease(args: EvaluateReleaseArgs, context: WorkContext): Promise<EvaluationOutcome> {
  const { trainDir, ranking, rerankerRole: role } = args;
  const calibrations = await readCalibrations(args.evaluateDir);
  const fittedOn = await calibratedOn(args.evaluateDir);
  const own = trainDir === null ? null : { dir: trainDir, precision: calibrations.precision };
  const rerankers = { tuned: null, untrained: null, champion: null, [role]: own };
  const frozen = { calibrations, ranking, role, fittedOn };
  const asked = { file: args.questionsFile, source: "judged" as const, allPages: false };
  return evaluate(
    args,
    { ...asked, rerankers, champion: NO_CHAMPION, recorded: null, before: null, voted: null, frozen },
    context,
  );
}

/** The differences between the evaluation of a candidate and of a release. */
interface Subject {
  /** Question set. */
  file: string;
  source: EvaluationSummary["source"];
  /** Generated questions are about all pages. */
  allPages: boolean;
  rerankers: RerankerFolders;
  champion: Champion;
  recorded: Recorded | null;
  before: ReleaseBefore | null;
  /** Accepted votes, with where the champion's order comes from. */
  voted: LabelArgs | null;
  /** `fittedOn` is the digest of the question set that the calibrations were fitted on, if it has one. */
  frozen: (FrozenRelease & { fittedOn: string | null }) | null;
}

async function evaluate(args: EvaluationArgs, subject: Subject, context: WorkContext): Promise<EvaluationOutcome> {
  const { depth = DEPTH, resamples = 2000, seed = 17, outDir, falseAnswers } = args;
  const { file, source, allPages, rerankers, champion, recorded, before, voted, frozen } = subject;
  const { compute } = context;
  const all = await loadQuestionSet(file);
  const questionSet = await givenDigest(file);
  const opened: Closable[] = [];
  try {
    const embedder = await keep(opened, openEmbedder(args.modelDir, compute));
    const trained = await trainedQuestions(all, [rerankers.tuned, rerankers.champion], embedder, context);
    const questions = all.filter(({ id }) => !trained.has(id));
    const retriever = await keep(opened, openRetriever({ ...args, embedder, vectors: compute.vectors }));
    const scorers = new Scorers(args, context, opened);
    const scoringParts = { retriever, embedder, rerankers: await scorers.open(rerankers), depth };
    // The second pass is left out where the tuned weights serve in float32.
    const passes = !frozen && rerankers.tuned && rerankers.untrained ? 2 : 1;
    const scoring = await scoreQuestions(questions, scoringParts, inPass(context, 1, passes));
    copyChampionLogits(scoring, rerankers);
    requireQuestions(scoring, file, trained.size);
    const bootstrap = { resamples, seed };
    const chosen = frozen ? null : await choose(scoring, scorers, source, bootstrap, inPass(context, 2, 2));
    const { int8, latency } = chosen?.outcome ?? scoring;
    const assessed = assess(scoring.scored, {
      source,
      stale: scoring.stale.length,
      bootstrap,
      p95RerankMs: latency?.p95 ?? null,
      reranker: chosen?.reranker,
      int8,
      calibration: !frozen ? "out-of-fold" : frozen.fittedOn === questionSet ? "in-sample" : "frozen",
      falseAnswers,
      champion,
      frozen,
    });
    const assessment = withOrigin(withRecorded(assessed, recorded, questions, bootstrap), trained.size, allPages);
    const content = evaluationContent({
      assessment,
      scoring: { ...scoring, int8, latency },
      ...{ questions, trained: [...trained] },
      settings: { depth, resamples, seed },
      questionSet,
      subject: { corpus: null, release: null, docs: null, models: [], ...args.about, at: new Date().toISOString() },
      before,
      votes: voted
        ? await labelEffects(voted, servingParts(scoringParts, rerankers, assessment), assessment, context)
        : [],
      training: rerankers.tuned ? await readTrainingCurve(rerankers.tuned.dir) : null,
    });
    await writeEvaluation(outDir, content);
    const { summary, evidence, ranking } = assessment;
    return { summary, evidence, ranking, p95RerankMs: evidence.p95RerankMs };
  } finally {
    for (const part of opened.reverse()) await part.close();
  }
}

/**
 * Chooses the weights to serve, each in its served precision. If the tuned int8 twin is accepted, the untrained weights
 * are scored with their own twin first (`rerankQuestions` leaves that to this function). Compared with a twin, float32
 * would look better than what is served.
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
  // Without a tuned reranker, the untrained one was scored as the candidate.
  const trained = hasLogits(scoring.scored, "tuned");
  const before = trained && scoring.int8?.accepted && scorers.hasUntrained ? await scoreBefore() : null;
  const reranker = chooseReranker(scoring.scored, source, bootstrap);
  if (!trained) return { reranker, outcome: scoring };
  const outcome = reranker.role === "untrained" ? (before ?? (await scoreBefore())) : scoring;
  return { reranker, outcome };
}

/** The rerankers that order voted passages: the candidate's as it would serve, and the champion's. */
function servingParts(parts: ScoringParts, folders: RerankerFolders, { summary }: Assessment): ScoringParts {
  const { twin, ...others } = parts.rerankers;
  const role = summary.reranker;
  // The open twin is that of the tuned weights, if there are any. The untrained twin is closed by now.
  const isServed = summary.int8?.accepted && (role === "tuned" || !folders.tuned) && typeof twin === "object" && twin;
  const rerankers: Rerankers = isServed ? { ...others, [role]: twin } : others;
  const isSame = folders.champion && folders.champion.dir === folders.tuned?.dir;
  return { ...parts, rerankers: isSame ? { ...rerankers, champion: rerankers.tuned } : rerankers };
}

/** The assessment with the champion's own evaluation as what the gate compares with, where they share questions. */
function withRecorded(
  assessment: Assessment,
  recorded: Recorded | null,
  asked: readonly Question[],
  bootstrap: BootstrapOptions,
): Assessment {
  if (recorded === null) return assessment;
  const queries = new Map(asked.map(({ id, query }) => [id, query]));
  const questions = assessment.questions
    .filter(({ answerable }) => answerable)
    .map(({ id }) => ({ id, query: queries.get(id)! }));
  const vsChampion = againstRecorded(questions, assessment.runs, recorded, bootstrap);
  return vsChampion ? { ...assessment, evidence: { ...assessment.evidence, vsChampion } } : assessment;
}

/** The assessment with the number of questions left out as trained on, and whether generated ones are about all pages. */
function withOrigin(assessment: Assessment, trained: number, allPages: boolean): Assessment {
  const origin = { ...(trained > 0 ? { trained } : {}), ...(allPages ? { allPages } : {}) };
  return { ...assessment, summary: { ...assessment.summary, ...origin } };
}

function copyChampionLogits({ scored }: Scoring, { champion, tuned }: RerankerFolders): void {
  if (!champion || champion.dir !== tuned?.dir) return;
  for (const question of scored) question.logits.champion = question.logits.tuned;
}

function requireQuestions({ scored, stale }: Scoring, file: string, trained: number): void {
  if (scored.some((question) => question.answerable)) return;
  const reasons = [
    ...(stale.length > 0 ? [`${stale.length} are stale: their evidence is not in these docs`] : []),
    ...(trained > 0 ? [`${trained} are nearly questions of accepted votes that the reranker was trained on`] : []),
  ];
  const why = reasons.join("; ") || "none has a judgment";
  throw new WinnowError("BadQuestionSet", `${file} has no answerable question to evaluate on: ${why}`);
}

/** The champion's own evaluation, for the comparison in the report. */
async function championBefore(args: EvaluateArgs, ranking: Ranking | null): Promise<ReleaseBefore | null> {
  const { championRelease, championEvaluateDir } = args;
  if (!championRelease || !championEvaluateDir) return null;
  return releaseBefore(championRelease, championEvaluateDir, ranking ?? "retrieval");
}

async function championRecorded(
  { championEvaluateDir }: EvaluateArgs,
  ranking: Ranking | null,
): Promise<Recorded | null> {
  return championEvaluateDir
    ? { lines: await readQuestionLines(championEvaluateDir), ranking: ranking ?? "retrieval" }
    : null;
}

async function passedMustPass(evaluateDir: string, ranking: Ranking | null): Promise<string[]> {
  const lines = await readQuestionLines(evaluateDir);
  return lines.filter((line) => line.served[ranking ?? "retrieval"]?.mustPassPassed).map((line) => line.id);
}
