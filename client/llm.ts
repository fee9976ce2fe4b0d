import type { Client } from "@temporalio/client";
import { LOCAL, type WorkersLlm, workersLlm } from "../core/upkeep/presence.ts";
import { findOllama, type Ollama } from "./ollama.ts";
import type { ClientSettings } from "./settings.ts";
import { findStack } from "./stack.ts";
import { connectClient } from "./temporal.ts";

/** Who writes the answers. */
export interface LlmState {
  /** The workers' LLM; without workers, the one configured in this shell. Null: answers are quoted. */
  llm: { model: string; baseUrl: string } | null;
  llmFrom: {
    origin: "workers" | "shell";
    /** Speed of a local model, or the reason why the workers quote. */
    note: string | null;
  };
  /** An Ollama server on this machine, looked for only if answers are quoted. */
  ollama: Ollama | null;
}

/** @param client of the server that workers poll; null if none runs. */
export async function llmState(client: Client | null, config: Pick<ClientSettings, "llm">): Promise<LlmState> {
  const reported = client && (await reportedBy(client));
  const { llm, note } = reported ? ofWorkers(reported) : { llm: config.llm, note: null };
  return {
    llm,
    llmFrom: { origin: reported ? "workers" : "shell", note },
    ollama: llm || config.llm ? null : await findOllama(),
  };
}

/** The LLM that the workers of the query pool report; null if none runs. */
function reportedBy({ workflowService, options }: Client): Promise<WorkersLlm | null> {
  return workersLlm(options.namespace, (request) => workflowService.describeTaskQueue(request));
}

function ofWorkers({ model, baseUrl, note }: WorkersLlm) {
  return { llm: model === null ? null : { model, baseUrl: baseUrl ?? "unknown address" }, note };
}

/** Whether workers run on this home, and with a local model. */
export async function runningLlm(config: ClientSettings): Promise<{ workers: boolean; local: boolean }> {
  const stack = await findStack(config);
  if (stack === null) return { workers: false, local: false };
  const client = await connectClient(stack.address, config);
  try {
    return { workers: true, local: (await reportedBy(client))?.baseUrl === LOCAL };
  } finally {
    await client.connection.close();
  }
}
