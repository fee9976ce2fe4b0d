import { type TrainOptions, train } from "../../client/train.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { ProgressLine } from "../progressLine.ts";
import { renderTraining } from "../renderTraining.ts";

/** `winnow train`, with its progress on stderr. Ctrl-C saves a checkpoint, from which the same command continues. */
export async function trainCommand(config: CliConfig, io: Io, options: TrainOptions): Promise<void> {
  const line = new ProgressLine(io);
  const trained = await io.interrupts
    .during(({ stop }) => train(config, options, { signal: stop, onProgress: (progress) => line.show(progress) }))
    .finally(() => line.clear());
  io.result(trained, () => renderTraining(trained));
}
