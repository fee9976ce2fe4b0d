import type { Client } from "@temporalio/client";
import { llmState } from "../../client/llm.ts";
import { listChampions } from "../../client/releases.ts";
import { openRuns } from "../../client/runs.ts";
import { joinStack, type Stack } from "../../client/stack.ts";
import { connectClient } from "../../client/temporal.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { type HttpOptions, withHttp } from "../../config/httpConfig.ts";
import type { ReleaseSummary } from "../../contracts/release.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { START } from "../../core/base/ownModules.ts";
import { unlessAborted } from "../../core/base/unlessAborted.ts";
import type { Stopping } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { nextSteps } from "../nextSteps.ts";
import { stackControl } from "../onStack.ts";
import { renderLlm } from "../renderLlm.ts";
import { minute } from "../times.ts";

/** A running stack with what commands need to use it. */
export interface Running {
  config: CliConfig;
  io: Io;
  stack: Stack;
  client: Client;
  stopping: Stopping;
}

/** `winnow serve`: serves the champions until Ctrl-C, without a pipeline. Throws UnknownRelease if there is none. */
export async function serveCommand(given: CliConfig, io: Io, options: HttpOptions): Promise<void> {
  const config = withHttp(given, options);
  // Reports the lack before a server is started.
  const champions = await listChampions(config);
  if (champions.length === 0)
    throw new WinnowError(
      "UnknownRelease",
      `No release serves here yet. \`npx winnow up --docs PATH\` makes one of your docs, \`${START.sample}\` one of the sample docs.`,
    );
  const work = async (now: Running) => {
    await announce(now, champions, true);
    await serve(now);
  };
  await running(config, io, work, { api: true });
}

/** Runs `work` on the stack of this home. Starts it if none runs, with or without the API, and stops what was started. */
export async function running(
  config: CliConfig,
  io: Io,
  work: (now: Running) => Promise<void>,
  { api }: { api: boolean },
): Promise<void> {
  await io.interrupts.during(async (stopping) => {
    const stack = await joinStack(config, { api, ...stackControl(io, stopping) });
    try {
      const client = await connectClient(stack.info.address, config);
      io.log(`LLM: ${renderLlm(await llmState(client, config)).join("\n")}`);
      await unlessAborted(work({ config, io, stack, client, stopping }), stopping.hurry);
      await client.connection.close();
    } finally {
      await stack.stop();
    }
  });
}

/** Prints what serves, which runs go on beside it, and what to type next. */
export async function announce(
  { io, stack, client }: Running,
  champions: ReleaseSummary[],
  stays: boolean,
): Promise<void> {
  for (const { corpus, id, ranking, createdAt } of champions)
    io.log(`Serving ${corpus}: release ${id} of ${minute(createdAt)}, ranking ${ranking}.`);
  const runs = await openRuns(client);
  for (const { workflowId, corpus } of runs)
    io.log(`Run ${workflowId} of corpus ${corpus} is open and goes on. See it: npx winnow runs follow ${workflowId}`);
  const served = champions.map(({ corpus, id }) => ({ corpus, release: id }));
  const open = runs.map(({ workflowId, corpus }) => ({ workflowId, corpus }));
  const places = stays || !stack.owned ? placesOf(stack) : NOWHERE;
  const corpus = champions.length === 1 ? champions[0]!.corpus : null;
  io.result({ serving: served, open, ...places }, (columns) => nextSteps({ corpus, ...places }, columns));
}

/** Where a stack is reached while it runs. */
export interface StackPlaces {
  address: string | null;
  ui: string | null;
  api: string | null;
}

export const NOWHERE: StackPlaces = { address: null, ui: null, api: null };

export function placesOf({ info: { address, uiUrl, apiUrl } }: Stack): StackPlaces {
  return { address, ui: uiUrl, api: apiUrl };
}

/** Waits for Ctrl-C on a stack of this command's own. Another command's serves without it. */
export async function serve({ io, stack }: Running): Promise<void> {
  if (!stack.owned) return io.log(`\nThe command with process id ${stack.info.ownerPid} serves here; this one ends.`);
  io.log("\nServing. Ctrl-C stops the workers and the server; the releases stay.");
  await io.interrupts.wait();
}
