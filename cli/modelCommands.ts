import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { choice, json, parsed } from "./declare.ts";
import { modelName, natural } from "./parse.ts";

const add = {
  json,
  name: parsed("<name>", "name of the model here (default: its name on the hub, or of the folder)", modelName),
  kind: choice("<kind>", "where its files do not show it", ["embedder", "reranker"]),
  pooling: choice("<pooling>", "how token vectors become one, where its files do not state it", ["mean", "cls"]),
  queryPrefix: prefix("text before each question, in place of what its files state"),
  passagePrefix: prefix("text before each passage, in place of what its files state"),
  maxTokens: parsed("<n>", "most tokens of a text, at least 32", natural),
};

/** A prefix may be empty, and its last blank counts. */
function prefix(help: string) {
  return parsed("<text>", help, (given: string) => given);
}

/** `winnow models` and its sub-commands. */
export function addModelCommands(program: Command): void {
  const models = program.command("models").description("Install, list and remove models.");
  addCommand(
    models,
    "add <model>",
    "Install a model: ORG/NAME or ORG/NAME@REVISION from the model hub, a folder, or a .tar.gz.",
    add,
    async ({ config, io, options, texts: [model] }) => {
      const { addCommand: perform } = await import("./commands/models.ts");
      await perform(config, io, model, options);
    },
  );
  addCommand(models, "list", "The installed models.", { json }, async ({ config, io }) => {
    const { listCommand } = await import("./commands/models.ts");
    await listCommand(config, io);
  });
  addCommand(
    models,
    "show <name>",
    "One model: its facts, and where each was read. Checks every byte of it.",
    { json },
    async ({ config, io, texts: [name] }) => {
      const { showCommand } = await import("./commands/models.ts");
      await showCommand(config, io, name);
    },
  );
  addCommand(
    models,
    "remove <name>",
    "Forget a model that nothing needs; `winnow gc` then removes its files.",
    { json },
    async ({ config, io, texts: [name] }) => {
      const { removeCommand } = await import("./commands/models.ts");
      await removeCommand(config, io, name);
    },
  );
}
