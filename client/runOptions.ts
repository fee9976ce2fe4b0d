import { type PipelineInput, pipelineInputSchema } from "../contracts/pipeline.ts";

/** Options of a run as the command line names them; defaults are left out. */
export type NamedOptions = Record<string, string>;

/** Two values of an option; null where it has its default. */
export interface OptionDifference {
  option: string;
  open: string | null;
  asked: string | null;
}

/** Options in the input of a pipeline run. Input that does not parse has none. */
export function namedOptions(input: unknown): NamedOptions {
  const parsed = pipelineInputSchema.safeParse(input ?? {});
  if (!parsed.success) return {};
  const defaults = flags(pipelineInputSchema.parse({}));
  const given = Object.entries(flags(parsed.data)).filter(
    // Docs and corpus identify a run.
    ([name, value]) => value !== undefined && (ALWAYS.has(name) || value !== defaults[name]),
  );
  return Object.fromEntries(given) as NamedOptions;
}

const ALWAYS = new Set(["docs", "name"]);

function flags(input: PipelineInput): Record<string, string | undefined> {
  const { docs, training } = input;
  return {
    docs: docs.path,
    name: docs.name,
    "base-url": docs.baseUrl,
    questions: input.questions,
    embedder: input.models.embedder,
    reranker: input.models.reranker,
    budget: training.budgetMinutes === undefined ? undefined : `${training.budgetMinutes}`,
    "least-steps": `${training.leastSteps}`,
    seed: `${training.seed}`,
    strict: training.strict ? "true" : undefined,
    pairs: training.pairs,
    written: `${training.written}`,
    retrain: input.retrain,
    until: input.only === undefined ? input.until : undefined,
    only: input.only,
    force: input.force.length > 0 ? input.force.join(" ") : undefined,
    "false-answers": input.falseAnswers === undefined ? undefined : `${input.falseAnswers}`,
    gate: input.gate,
    "approval-hours": `${input.approvalHours}`,
  };
}

/** Options in which an open run differs from the input of another. */
export function optionDifferences(open: unknown, asked: unknown): OptionDifference[] {
  const [a, b] = [namedOptions(open), namedOptions(asked)];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return (
    names
      // The name of a corpus may be given or come from the path.
      .filter((name) => name !== "name" && a[name] !== b[name])
      .map((option) => ({ option, open: a[option] ?? null, asked: b[option] ?? null }))
  );
}
