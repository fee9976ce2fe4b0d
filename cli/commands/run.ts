import type { Client } from "@temporalio/client";
import type { FollowOptions, RunProgress } from "../../client/follow.ts";
import { pipelineInput, type RunOptions, type RunPolicy, runPipeline } from "../../client/run.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { describeCost } from "../../core/training/questions/written/cost.ts";
import { EXIT } from "../exit.ts";
import { describeFailure } from "../failure.ts";
import type { Stopping } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { onStack } from "../onStack.ts";
import { PipelineScreen } from "../pipelineScreen.ts";
import { renderRun } from "../renderRun.ts";
import { renderOpenRun } from "../renderRuns.ts";

export interface RunCommandOptions extends RunOptions {
  /** Every row of the ladder, and the gate's criteria. */
  verbose?: boolean;
  /** Follows the open run of the corpus, also one that another command started. */
  follow?: boolean;
  /** Cancels the open run of the corpus first. */
  replace?: boolean;
}

/** `winnow run`. */
export async function runCommand(config: CliConfig, io: Io, given: RunCommandOptions): Promise<void> {
  const { verbose, follow, replace, ...options } = given;
  // Reports a missing file before a server is started.
  pipelineInput(options);
  await onStack(config, io, async (client, stopping, { owned }) => {
    // On a server of this command's own, nobody else is left to follow an open run.
    const whenOpen = replace ? "replace" : follow || owned ? "follow" : "refuse";
    const watching = { whenOpen, whenFollowed: owned ? "cancel" : "leave", stopping } as const;
    const result = await watchPipeline(client, io, options, watching);
    if (result.status === "already running") process.exitCode = EXIT.busy;
    io.result(result, (columns) => renderRun(result, config, { verbose, columns }));
  });
}

/** How a run is watched. */
export interface Watching extends Required<Pick<RunPolicy, "whenOpen" | "whenFollowed">>, ServingEvents {
  stopping: Stopping;
}

export interface ServingEvents {
  /** Called once, when a release serves before it is measured. The run goes on meanwhile. */
  onServing?: (release: string) => Promise<void>;
}

/** Runs the pipeline and shows its stages on stderr. */
export async function watchPipeline(
  client: Client,
  io: Io,
  options: RunOptions,
  { stopping, onServing, ...policy }: Watching,
): Promise<PipelineResult> {
  const cost = describeCost(options);
  if (cost) io.log(cost);
  let followed = false;
  const onOpen: RunPolicy["onOpen"] = (open, differences) => {
    followed = policy.whenOpen === "follow" && !open.cancelling;
    io.log(renderOpenRun(open, { ...policy, differences }));
  };
  const onAbort = () => (followed ? policy.whenFollowed : "cancel");
  const work = (onProgress: FollowOptions["onProgress"]) =>
    runPipeline(client, options, { ...policy, onOpen, onProgress, signal: stopping.stop });
  return watched(io, onAbort, work, { onServing });
}

/** Shows the stages of a run while `work` follows it, and prints what an interrupt does to it. */
export async function watched(
  io: Io,
  onAbort: () => FollowOptions["onAbort"],
  work: (onProgress: FollowOptions["onProgress"]) => Promise<PipelineResult>,
  { onServing = async () => {} }: ServingEvents = {},
): Promise<PipelineResult> {
  const screen = new PipelineScreen(io);
  let serving: Promise<void> | null = null;
  let release: string | null = null;
  // The run does not depend on it. An interrupt ends the run, too.
  const said = (error: unknown) => io.interrupts.stop.aborted || io.log(`winnow: ${describeFailure(error).message}`);
  const onProgress = (now: RunProgress) => {
    screen.show(now);
    release = now.first?.release ?? null;
    if (release && !serving) serving = onServing(release).catch((error) => void said(error));
  };
  const onInterrupt = () => io.log(onAbort() === "leave" ? "\nThe run goes on." : "\ncancelling the run…");
  return io.interrupts.during(async () => {
    try {
      const result = await work(onProgress);
      await serving;
      screen.end(result.stages);
      return result;
    } catch (error) {
      await serving;
      screen.clear();
      if (release) io.log(`Release ${release}, which is not measured, goes on serving.`);
      throw error;
    }
  }, onInterrupt);
}
