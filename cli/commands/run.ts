import type { Client } from "@temporalio/client";
import { pipelineInput, type RunOptions, runPipeline } from "../../client/run.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { interruptible } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { onStack } from "../onStack.ts";
import { PipelineScreen } from "../pipelineScreen.ts";
import { renderRun } from "../renderRun.ts";

export interface RunCommandOptions extends RunOptions {
  /** Every row of the ladder, and the gate's criteria. */
  verbose?: boolean;
}

/** `winnow run`. */
export async function runCommand(config: CliConfig, io: Io, options: RunCommandOptions): Promise<void> {
  // Reports a missing file before a server is started.
  pipelineInput(options);
  await onStack(config, io, async (client) => {
    const result = await watchPipeline(client, io, options);
    io.result(result, (columns) => renderRun(result, config, { ...options, columns }));
  });
}

/** Runs the pipeline and shows its stages on stderr. Ctrl-C cancels it. */
export async function watchPipeline(client: Client, io: Io, options: RunOptions): Promise<PipelineResult> {
  const screen = new PipelineScreen(io);
  const onInterrupt = () => io.log("\ncancelling the run…");
  return interruptible(
    async (signal) => {
      try {
        const result = await runPipeline(client, options, { signal, onProgress: (now) => screen.show(now) });
        screen.end(result.stages);
        return result;
      } catch (error) {
        screen.clear();
        throw error;
      }
    },
    { onInterrupt },
  );
}
