import { type TrainOptions, train } from "../../client/train.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { interruptible } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { ProgressLine } from "../progressLine.ts";
import { renderTraining } from "../renderTraining.ts";

/** `winnow train`, with its progress on stderr. Ctrl-C saves a checkpoint, from which the same command continues. */
export async function trainCommand(config: CliConfig, io: Io, options: TrainOptions): Promise<void> {
  const line = new ProgressLine(io);
  const trained = await interruptible(
    (signal) => train(config, options, { signal, onProgress: (progress) => line.show(progress) }),
    // SIGHUP is excluded: `nohup` ignores it, and a handler would undo that.
    { signals: ["SIGINT", "SIGTERM"] },
  ).finally(() => line.clear());
  io.result(trained, () => renderTraining(trained));
}
