import { randomUUID } from "node:crypto";
import type { Client } from "@temporalio/client";
import type { AskResult } from "../../contracts/ask.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";
import { renderAnswer } from "../render.ts";
import { useStack } from "../stack.ts";
import { connectClient } from "../temporal.ts";

export interface AskOptions {
  release?: string;
  corpus?: string;
}

/** Runs workflow `ask` for one question. */
export async function ask(client: Client, question: string, options: AskOptions = {}): Promise<AskResult> {
  const input = JSON.parse(JSON.stringify({ question, release: options.release, corpus: options.corpus }));
  return client.workflow.execute(WORKFLOWS.ask, {
    workflowId: `ask-${randomUUID().slice(0, 8)}`,
    taskQueue: QUEUES.main,
    args: [input],
    staticSummary: question.slice(0, 200),
  }) as Promise<AskResult>;
}

export async function askCommand(config: CliConfig, io: Io, question: string, options: AskOptions): Promise<void> {
  const stack = await useStack(config, io.log);
  try {
    const client = await connectClient(stack.info.address, config);
    const result = await ask(client, question, options);
    io.result(result, () => renderAnswer(result));
    await client.connection.close();
  } finally {
    await stack.stop();
  }
}
