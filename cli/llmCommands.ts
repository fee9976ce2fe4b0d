import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { json } from "./declare.ts";
import { llm } from "./llmOption.ts";

/** `winnow llm check`. */
export function addLlmCommands(program: Command): void {
  const parent = program.command("llm").description("The LLM that writes answers.");
  addCommand(
    parent,
    "check",
    "Call the LLM that this shell names once, and show its speed or what to change. Exits 1 when the call fails.",
    { llm, json },
    async ({ config, io, options }) => {
      const { llmCheckCommand } = await import("./commands/llm.ts");
      const { withLlm } = await import("./localLlm.ts");
      await llmCheckCommand(await withLlm(config, options.llm, "itself"), io);
    },
  );
}
