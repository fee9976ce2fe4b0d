import { type AddOptions, addModel, listModels, removeModel, showModel } from "../../client/models.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { ProgressLine } from "../progressLine.ts";
import { presetHint, promptsHint, renderModel } from "../renderModel.ts";
import { table } from "../table.ts";

interface AddCommandOptions extends Pick<AddOptions, "name" | "kind" | "pooling" | "maxTokens"> {
  queryPrefix?: string;
  passagePrefix?: string;
}

/** `winnow models add`, with its progress on stderr. Ctrl-C keeps what was fetched; the same command continues. */
export async function addCommand(
  config: CliConfig,
  io: Io,
  source: string,
  { name, kind, pooling, maxTokens, queryPrefix, passagePrefix }: AddCommandOptions,
): Promise<void> {
  const line = new ProgressLine(io);
  const prefixes =
    queryPrefix === undefined && passagePrefix === undefined
      ? undefined
      : { question: queryPrefix, passage: passagePrefix };
  const model = await io.interrupts
    .during(({ stop }) =>
      addModel(config, source, {
        ...{ name, kind, pooling, maxTokens, prefixes },
        signal: stop,
        onProgress: (progress) => line.show(progress),
      }),
    )
    .finally(() => line.clear());
  const hints = [presetHint(model), promptsHint(model)].filter((hint) => hint !== null);
  io.result(model, () => [renderModel(model), "", ...hints, "Installed."].join("\n"));
}

/** `winnow models list`. */
export async function listCommand(config: CliConfig, io: Io): Promise<void> {
  const models = await listModels(config);
  io.result(models, (columns) =>
    models.length === 0
      ? "No model is installed, so the default embedder serves. `npx winnow models add ORG/NAME` installs one."
      : table(
          ["name", "kind", "family", "dimensions", "tokens", "licence", "digest"],
          models.map(({ name, kind, family, dimensions, maxTokens, licence, digest }) => [
            ...[name, kind, family, dimensions === null ? "n/a" : `${dimensions}`, `${maxTokens}`],
            ...[licence ?? "not stated", digest.slice(0, 12)],
          ]),
          columns,
        ),
  );
}

/** `winnow models show`. */
export async function showCommand(config: CliConfig, io: Io, name: string): Promise<void> {
  const model = await io.busy("Checking the model", () => showModel(config, name));
  io.result(model, () => renderModel(model));
}

/** `winnow models remove`. */
export async function removeCommand(config: CliConfig, io: Io, name: string): Promise<void> {
  const { name: removed, artifact } = await removeModel(config, name);
  io.result(
    { removed, artifact },
    () => `${removed} is no longer installed. \`npx winnow gc --apply\` removes its files once nothing needs them.`,
  );
}
