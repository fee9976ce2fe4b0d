import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import {
  ANSWER_KINDS,
  MAX_PAYLOAD_BYTES,
  QUEUES,
  RANKED_QUERY,
  SEARCH_ATTRIBUTES,
  STAGE_PROGRESS,
  type WORKFLOWS,
} from "../../contracts/names.ts";
import { GENERATED, table } from "./markdown.ts";
import { parseSource, root, walk } from "./source.ts";

type Kind = "signal" | "query" | "update";

const PURPOSE: Record<keyof typeof WORKFLOWS, string> = {
  pipeline:
    "Turns docs into a release: ingest, embed, build-index, train, evaluate, deploy. [Input](shapes.md#input-of-pipeline).",
  ask: "Answers one question. [Input](shapes.md#input-of-ask).",
  promote: "Makes a release the champion. [Input](shapes.md#input-of-promote).",
  rollback: "Makes an earlier champion the champion again. [Input](shapes.md#input-of-rollback).",
  approval: 'Holds a candidate until a person decides. Started by `pipeline` with `"gate": "manual"`.',
  corpusLock: "Allows one run at a time for a corpus. Started by `pipeline`.",
};

const MESSAGES: Record<string, { workflow: keyof typeof WORKFLOWS; kind: Kind; effect: string }> = {
  progress: {
    workflow: "pipeline",
    kind: "query",
    effect: "Returns the running stage, its last note and the reports of the finished stages.",
  },
  pause: { workflow: "pipeline", kind: "signal", effect: "Holds the run before its next stage." },
  resume: { workflow: "pipeline", kind: "signal", effect: "Ends the pause." },
  [STAGE_PROGRESS]: {
    workflow: "pipeline",
    kind: "signal",
    effect: "Reports the progress of a long activity. Sent by workers.",
  },
  [RANKED_QUERY]: {
    workflow: "ask",
    kind: "query",
    effect: "Returns the candidates that the LLM answers from, once they are found.",
  },
  approve: {
    workflow: "approval",
    kind: "update",
    effect: "Promotes the candidate. Takes an [`ApprovalDecision`](shapes.md#release).",
  },
  reject: {
    workflow: "approval",
    kind: "update",
    effect: "Keeps the candidate back. Takes an [`ApprovalDecision`](shapes.md#release).",
  },
  supersede: {
    workflow: "approval",
    kind: "signal",
    effect: "Ends the wait because a newer candidate exists. Sent by `pipeline`.",
  },
  release: { workflow: "corpusLock", kind: "signal", effect: "Ends the lock. Sent by the run that holds it." },
};

const CARRIES: Record<keyof typeof QUEUES, [workers: string, tasks: string]> = {
  main: ["cpu, all", "Workflows and light activities: validation, the lock, the gate, promotion."],
  cpu: ["cpu, all", "Ingest, embed, build-index, mining, evaluate."],
  gpu: ["gpu, all", "Train."],
  query: ["query, all", "Questions: retrieve, rerank, answer."],
};

const HOLDS: Record<keyof typeof SEARCH_ATTRIBUTES, string> = {
  WinnowCorpus: "Name of the corpus.",
  WinnowRelease: "Release that was made, asked or promoted.",
  WinnowStage: "Stage that runs.",
  WinnowOutcome: `Of a run: \`promoted\`, \`refused\`, \`waiting\`, \`unchanged\`, \`stopped\`, \`already running\`. Of a question: ${Object.keys(
    ANSWER_KINDS,
  )
    .map((kind) => `\`${kind}\``)
    .join(", ")}.`,
  WinnowNdcg: "nDCG@10 of the ranking that the release serves.",
};

/** docs/reference/workflows.md. Throws for a signal, query or update in the code without a description here. */
export function workflowsPage(): string {
  const defined = definedMessages();
  const described = Object.keys(MESSAGES).sort();
  if (defined.join() !== described.join())
    throw new Error(
      `scripts/reference/workflows.ts describes ${described.join(", ")}; workflows/ defines ${defined.join(", ")}`,
    );
  const workflows = Object.entries(PURPOSE).map(([name, purpose]) => [`\`${name}\``, purpose]);
  const messages = Object.entries(MESSAGES).map(([name, { workflow, kind, effect }]) => [
    `\`${name}\``,
    kind,
    `\`${workflow}\``,
    effect,
  ]);
  const queues = Object.entries(QUEUES).map(([key, name]) => [`\`${name}\``, ...CARRIES[key as keyof typeof QUEUES]]);
  const attributes = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [
    `\`${name}\``,
    type,
    HOLDS[name as keyof typeof SEARCH_ATTRIBUTES],
  ]);
  return [
    GENERATED,
    "# Workflows, signals and queues",
    "## Workflows",
    "Start them on the task queue `winnow`, with one JSON object as input.",
    table(["type", "purpose"], workflows),
    "## Signals, queries and updates",
    table(["name", "kind", "workflow", "effect"], messages),
    "## Task queues",
    `A payload above ${MAX_PAYLOAD_BYTES / 1024} KB is refused. Each worker process also polls \`QUEUE-presence\`, which carries nothing and shows that the pool is up.`,
    table(["queue", "polled by pools", "carries"], queues),
    "## Search attributes",
    "Set-up registers them on the embedded server, and `winnow doctor` checks them. A server without them gets the values as a memo.",
    table(["attribute", "type", "value"], attributes),
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

/** Names given to defineSignal, defineQuery and defineUpdate in workflows/, sorted. */
function definedMessages(): string[] {
  const names: string[] = [];
  for (const file of readdirSync(join(root, "workflows")).filter((name) => /^[^.]+\.ts$/.test(name)))
    walk(parseSource(`workflows/${file}`), (node) => {
      if (!ts.isCallExpression(node) || !/^define(Signal|Query|Update)$/.test(node.expression.getText())) return;
      const [name] = node.arguments;
      if (name) names.push(ts.isStringLiteral(name) ? name.text : constant(name.getText()));
    });
  return names.sort();
}

function constant(name: string): string {
  if (name === "STAGE_PROGRESS") return STAGE_PROGRESS;
  if (name === "RANKED_QUERY") return RANKED_QUERY;
  throw new Error(`the name of a message is the constant ${name}: add it to scripts/reference/workflows.ts`);
}
