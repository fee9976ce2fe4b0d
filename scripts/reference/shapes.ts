import { z } from "zod";
import { askInputSchema } from "../../contracts/ask.ts";
import { voteInputSchema } from "../../contracts/feedback.ts";
import { pipelineInputSchema } from "../../contracts/pipeline.ts";
import { promoteInputSchema, rollbackInputSchema } from "../../contracts/release.ts";
import { questionSchema } from "../../core/judging/question.ts";
import { GENERATED, sentence, table } from "./markdown.ts";
import { declarationOf, fieldComments } from "./source.ts";

interface Input {
  title: string;
  intro: string;
  schema: z.ZodType;
  file: string;
}

const INPUTS: Input[] = [
  {
    title: "Input of pipeline",
    intro: "`npx winnow schema pipeline` prints the JSON Schema. `winnow run` builds this object from its options.",
    schema: pipelineInputSchema,
    file: "contracts/pipeline.ts",
  },
  { title: "Input of ask", intro: "", schema: askInputSchema, file: "contracts/ask.ts" },
  {
    title: "Input of a vote",
    intro: "Body of `POST /v1/feedback`. [Feedback](../guide/feedback.md#votes) says what becomes of a vote.",
    schema: voteInputSchema,
    file: "contracts/feedback.ts",
  },
  { title: "Input of promote", intro: "", schema: promoteInputSchema, file: "contracts/release.ts" },
  { title: "Input of rollback", intro: "", schema: rollbackInputSchema, file: "contracts/release.ts" },
  {
    title: "Line of a question set",
    intro:
      "A question set is JSONL: one such object a line. `npx winnow schema questions` prints the JSON Schema. [Evaluate](../guide/evaluate.md) says how to write one.",
    schema: questionSchema,
    file: "core/judging/question.ts",
  },
];

const OUTPUTS: { title: string; intro: string; types: [file: string, names: string[]][] }[] = [
  {
    title: "Result of pipeline",
    intro: "`winnow run --json` prints a `PipelineResult`, and so does the workflow.",
    types: [
      [
        "contracts/pipeline.ts",
        ["PipelineResult", "StageReport", "SourceVersion", "CorpusChanges", "PipelineProgress"],
      ],
    ],
  },
  {
    title: "Records",
    intro: "The records of answers, votes and decisions: [what is kept](../guide/feedback.md#records-of-answers).",
    types: [
      ["contracts/records.ts", ["AnswerRecord"]],
      ["contracts/feedback.ts", ["Decision", "VotedPassage", "ReviewedVote"]],
    ],
  },
  {
    title: "Evaluation",
    intro:
      "`winnow evaluate --json` prints an `EvaluationSummary` with the field `release`. A run and a release carry one too.",
    types: [
      [
        "contracts/evaluation.ts",
        [
          "EvaluationSummary",
          "LadderRow",
          "Estimate",
          "PairedDifference",
          "AbstentionReport",
          "GateDecision",
          "Criterion",
        ],
      ],
    ],
  },
  {
    title: "Answer",
    intro: "`winnow ask --json` prints an `AskResult`, and so does the workflow `ask`.",
    types: [["contracts/ask.ts", ["AskResult", "Citation", "UnsupportedSentence", "Receipt", "ReceiptCandidate"]]],
  },
  {
    title: "Search",
    intro:
      "`winnow search --json` prints a `SearchResult`. With `--questions` it prints one a line, each with the question's `id`.",
    types: [["contracts/passage.ts", ["SearchResult", "RankedPassage", "Passage", "PassageScores"]]],
  },
  {
    title: "Release",
    intro:
      '`winnow releases --json` prints `{"releases": ReleaseSummary[]}`; `releases show ID --json` prints the manifest as well.',
    types: [
      [
        "contracts/release.ts",
        [
          "ReleaseSummary",
          "ReleaseManifest",
          "ServingReranker",
          "TrainingRecord",
          "ChampionResult",
          "ApprovalDecision",
          "ApprovalResult",
        ],
      ],
    ],
  },
];

/** docs/reference/shapes.md: inputs from their zod schemas, results from the types in contracts/. */
export function shapesPage(): string {
  return [
    GENERATED,
    "# JSON shapes",
    "What workflows take and what commands print with `--json`. Unknown fields of an input are refused.",
    ...INPUTS.map(inputSection),
    ...OUTPUTS.map(outputSection),
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

function inputSection({ title, intro, schema, file }: Input): string {
  const json = z.toJSONSchema(schema, { io: "input" }) as Json;
  const rows = fields(json, "", fieldComments(file));
  return [`## ${title}`, intro, table(["field", "type", "default", "meaning"], rows)].filter(Boolean).join("\n\n");
}

interface Json {
  type?: string;
  description?: string;
  enum?: unknown[];
  anyOf?: Json[];
  const?: unknown;
  items?: Json;
  properties?: Record<string, Json>;
  required?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  maxLength?: number;
}

/** One row per field. Fields of nested objects follow their parent: `training.seed`, `relevant[].path`. */
function fields(schema: Json, prefix: string, comments: Map<string, string>): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const required = schema.required?.includes(name) ? "required" : defaultText(field);
    const row = [
      `\`${prefix}${name}\``,
      typeText(field),
      required,
      sentence(field.description ?? comments.get(name) ?? ""),
    ];
    const nested = field.properties ? field : field.items;
    return [row, ...fields(nested ?? {}, `${prefix}${name}${field.items ? "[]" : ""}.`, comments)];
  });
}

function defaultText({ default: value, properties }: Json): string {
  return value === undefined || properties ? "" : `\`${JSON.stringify(value)}\``;
}

function typeText(field: Json): string {
  if (field.enum) return field.enum.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  if (field.anyOf) return field.anyOf.map(typeText).join(", ");
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.type === "array") return `array of ${typeText(field.items ?? {})}`;
  return `${field.type ?? "any"}${bounds(field)}`;
}

function bounds({ minimum, exclusiveMinimum, maximum, maxLength }: Json): string {
  const limits = [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? [] : [`at most ${maximum}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
  ];
  return limits.length === 0 ? "" : `, ${limits.join(", ")}`;
}

function outputSection({ title, intro, types }: (typeof OUTPUTS)[number]): string {
  const declared = types.flatMap(([file, names]) => names.map((name) => declarationOf(file, name)));
  return [`## ${title}`, intro, ["```ts", declared.join("\n\n"), "```"].join("\n")].join("\n\n");
}
