import { listChampions } from "../../client/releases.ts";
import type { RunOptions } from "../../client/run.ts";
import { followRun, type OpenRun, openRuns } from "../../client/runs.ts";
import { sampleRun } from "../../client/sample.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { withHttp } from "../../config/httpConfig.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { describeFailure } from "../failure.ts";
import type { Io } from "../io.ts";
import { nextSteps } from "../nextSteps.ts";
import { renderRun } from "../renderRun.ts";
import { renderOpenRun } from "../renderRuns.ts";
import { Demos } from "./demos.ts";
import { watched, watchPipeline } from "./run.ts";
import { announce, NOWHERE, placesOf, type Running, running, serve } from "./serve.ts";

export interface UpOptions extends Partial<RunOptions> {
  /** Ends instead of serving. */
  once?: boolean;
  /** Every row of the ladder, and the gate's criteria. */
  verbose?: boolean;
  /** Cancels the open run of the corpus first. */
  replace?: boolean;
  json?: boolean;
}

/**
 * `winnow up`: starts everything, runs the pipeline where there is something to run, and serves until Ctrl-C. Without
 * options of a run it follows the open run; if there is none, it serves; if nothing serves either, it runs the sample.
 */
export async function upCommand(given: CliConfig, io: Io, options: UpOptions): Promise<void> {
  const config = withHttp(given);
  const work = async (now: Running) => {
    const champions = await listChampions(config);
    const { once, verbose, replace, json, ...run } = options;
    const asked = replace || Object.keys(run).length > 0;
    const open = asked || !now.stack.owned ? undefined : (await openRuns(now.client))[0];
    if (open && champions.length > 0) await continued(now, open, options);
    else if (open) await finish(now, await follow(now, open), options);
    else if (asked || champions.length === 0) await runPipeline(now, run, options);
    else await announce(now, champions, !once);
    if (!once) await serve(now);
  };
  await running(config, io, work, { api: !options.once });
}

/** Runs the pipeline on the docs, or on the sample. */
async function runPipeline(now: Running, run: Partial<RunOptions>, options: UpOptions): Promise<void> {
  const { client, io, stack, stopping } = now;
  const { docs } = run;
  const whole = docs ? { ...run, docs } : sampleRun(run);
  const { budget } = whole;
  const training = budget === undefined ? "" : budget === 0 ? " (no training)" : ` (training budget ${budget} min)`;
  io.log(`\nPipeline on ${docs ?? "the sample docs"}${training}`);
  const whenOpen = options.replace ? "replace" : "follow";
  const whenFollowed = stack.owned ? "cancel" : "leave";
  const demos = new Demos(now, whole.name);
  const onServing = (release: string) => demos.ask(release);
  const result = await watchPipeline(client, io, whole, { whenOpen, whenFollowed, stopping, onServing });
  await finish(now, result, options, demos);
}

/** Follows a run that a killed command left. */
function follow({ client, io, stopping }: Running, open: OpenRun): Promise<PipelineResult> {
  io.log(`\n${renderOpenRun(open, { whenOpen: "follow", differences: [] })}`);
  const onAbort = "cancel";
  return watched(
    io,
    () => onAbort,
    (onProgress) => followRun(client, open.workflowId, { signal: stopping.stop, onAbort, onProgress }),
  );
}

/** The same while releases serve: a run that fails does not end that. */
async function continued(now: Running, open: OpenRun, options: UpOptions): Promise<void> {
  try {
    await finish(now, await follow(now, open), options);
  } catch (error) {
    if (now.stopping.stop.aborted) throw error;
    now.io.log(`winnow: ${describeFailure(error).message}`);
    await announce(now, await listChampions(now.config), !options.once);
  }
}

/** Prints the result of a run, the answers to the sample's questions, and what to type next. */
async function finish(
  now: Running,
  result: PipelineResult,
  { verbose, once }: UpOptions,
  demos = new Demos(now, result.corpus),
): Promise<void> {
  const { config, io, stack } = now;
  io.print((columns) => `\n${renderRun(result, config, { verbose, columns })}`);
  const { first } = result;
  if (first?.release && result.promoted)
    io.print(() => `\nRelease ${result.release} replaced ${first.release}, which was not measured.`);
  if (demos.answers.length === 0 && result.release) await demos.ask();
  const { answers } = demos;
  const { corpus, workflowId } = result;
  const places = once && stack.owned ? NOWHERE : placesOf(stack);
  io.result({ ...result, answers, ui: places.ui, api: places.api }, (columns) =>
    nextSteps({ corpus, workflowId, ...places }, columns),
  );
}
