import { resolve } from "node:path";
import { type AskInput, askInputSchema } from "../contracts/ask.ts";
import { AUTO, type ChosenModel, type ChosenModels, type InstalledModel } from "../contracts/models.ts";
import { corpusLockId, type QueueName, SEARCH_ATTRIBUTES } from "../contracts/names.ts";
import { type PipelineInput, pipelineInputSchema } from "../contracts/pipeline.ts";
import { WinnowError } from "../core/base/errors.ts";
import { parseInput } from "../core/base/parseInput.ts";
import {
  parseGivenSource,
  permitFile,
  permitSource,
  type SourcePolicy,
  sourceName,
  sourceText,
} from "../core/docs/sourceSpec.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { type InstalledModels, notInstalled } from "../core/models/installed.ts";
import { lastChampions } from "../core/storage/lastChampion.ts";
import { chosenRelease } from "../core/storage/releaseFolders.ts";
import type { Releases } from "../core/storage/releases.ts";
import { readPairs } from "../core/training/pairs.ts";
import { requireOwnCorpus } from "./ownCorpus.ts";

/** Queries of the light activities to the Temporal server. */
export interface TemporalFacts {
  /** Names and types of the namespace's custom search attributes. */
  searchAttributes(): Promise<Record<string, string>>;
  /** The workflow that started this one, and whether it is still running; null if there is none. */
  parentOf(workflowId: string): Promise<{ workflowId: string; running: boolean } | null>;
  /** Number of workers that poll a queue for activities. */
  pollers(queue: QueueName): Promise<number>;
}

export interface LightDeps {
  releases: Releases;
  /** Models that the input may name. */
  installed: Pick<InstalledModels, "find">;
  temporal: TemporalFacts;
  /** Folder that relative paths are resolved against. */
  root: string;
  /** Allowed locations of docs, question sets and labelled pairs. */
  sources: SourcePolicy;
  /** True if the operator configured an LLM. */
  hasLlm: boolean;
  /** Queues whose pool an autoscaler starts when a task waits. */
  onDemand?: readonly QueueName[];
}

/** A pipeline's input, validated and complete. */
export interface PipelineRequest {
  input: PipelineInput & { corpus: string };
  /** The models named in the input, as installed when the run began: one installed meanwhile is the next run's. */
  models: ChosenModels;
  /** True if the server has Winnow's search attributes; otherwise a memo carries them. */
  searchable: boolean;
}

export interface QuestionRequest extends AskInput {
  release: string;
  corpus: string;
  /** True if the server has Winnow's search attributes. */
  searchable: boolean;
}

/** True if the server has all of Winnow's search attributes. */
export async function isSearchable(temporal: Pick<TemporalFacts, "searchAttributes">): Promise<boolean> {
  const known = await temporal.searchAttributes();
  return Object.entries(SEARCH_ATTRIBUTES).every(([name, type]) => known[name] === type);
}

export function createLightActivities({
  releases,
  installed,
  temporal,
  root,
  sources,
  hasLlm,
  onDemand = [],
}: LightDeps) {
  const serving = { ...releases, ...lastChampions(releases) };
  return {
    /** Refuses bad input without a retry and names the field, before any computation. */
    async parsePipelineInput(raw: unknown): Promise<PipelineRequest> {
      const input = parseInput(pipelineInputSchema, raw);
      const asked = await parseGivenSource(input.docs.path, root);
      const source = await permitSource(asked, sources);
      const permitted = (path: string, field: string) => permitFile(resolve(root, path), field, sources);
      const questions = input.questions && (await permitted(input.questions, "questions"));
      if (questions) await loadQuestionSet(questions);
      const pairs = input.training.pairs && (await permitted(input.training.pairs, "training.pairs"));
      if (pairs) await readPairs(pairs);
      if (input.training.written > 0 && !hasLlm)
        throw new WinnowError(
          "BadInput",
          "training.written: no LLM is configured to write questions: set WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL for the workers of the cpu pool (npx winnow up), or ask for none",
        );
      const models = await chosenModels(input.models, installed);
      const training = { ...input.training, pairs };
      const corpus = input.docs.name ?? sourceName(asked);
      if (input.docs.name === undefined) await requireOwnCorpus(corpus, source, releases);
      const searchable = await isSearchable(temporal);
      const docs = { ...input.docs, path: sourceText(source) };
      return { input: { ...input, docs, questions, training, corpus }, models, searchable };
    },

    /** Validates a question and fixes the release that answers it. */
    async parseQuestion(raw: unknown): Promise<QuestionRequest> {
      const input = parseInput(askInputSchema, raw);
      const { id, manifest } = await chosenRelease(serving, input);
      return { ...input, release: id, corpus: manifest.corpus, searchable: await isSearchable(temporal) };
    },

    /** The run that holds a corpus's lock, or null if it has ended. */
    async lockHolder(corpus: string): Promise<string | null> {
      const holder = await temporal.parentOf(corpusLockId(corpus));
      return holder?.running ? holder.workflowId : null;
    },

    /** Number of workers that poll a queue. An on-demand pool counts as polled, since its tasks will be taken. */
    async pollersOf(queue: QueueName): Promise<number> {
      const pollers = await temporal.pollers(queue);
      return onDemand.includes(queue) ? Math.max(1, pollers) : pollers;
    },
  };
}

async function chosenModels(
  { embedder, reranker }: PipelineInput["models"],
  installed: LightDeps["installed"],
): Promise<ChosenModels> {
  return {
    embedder: await chosenModel("embedder", embedder, installed),
    reranker: await chosenModel("reranker", reranker, installed),
  };
}

/** Throws BadInput for a model that is not installed, or that cannot take the role. */
async function chosenModel(
  role: keyof ChosenModels,
  asked: string,
  installed: LightDeps["installed"],
): Promise<ChosenModel | null> {
  if (asked === AUTO) return null;
  const model = await installed.find(asked);
  if (!model) throw notInstalled(asked);
  const problem = role === "embedder" ? embedderProblem(model) : await rerankerProblem(model);
  if (problem)
    throw new WinnowError(
      "BadInput",
      `models.${role}: ${model.name} ${problem}; \`npx winnow models list\` shows each kind`,
    );
  return { name: model.name, artifact: model.artifact };
}

function embedderProblem({ kind }: InstalledModel): string | null {
  return kind === "embedder" ? null : "is a reranker, which gives no vectors: name an embedder";
}

/** An embedder's encoder can learn to rank if its family's rerankers are built from such encoders. */
async function rerankerProblem({ kind, family }: InstalledModel): Promise<string | null> {
  if (kind === "reranker") return null;
  const advice = "name a reranker";
  if (family === "exported") return `is an exported embedder, to which no head can be added: ${advice}`;
  // Imported on use, because most runs name no model.
  const { RERANKERS } = await import("../core/models/families/index.ts");
  if (RERANKERS.some(({ name }) => name === family)) return null;
  return `is an embedder of family ${family}, from which no reranker can be made: ${advice}`;
}
