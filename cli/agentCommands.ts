import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { parsed, withDefault } from "./declare.ts";
import { corpus, positive } from "./parse.ts";
import { takeStdout } from "./takeStdout.ts";

const mcp = {
  corpus: parsed("<name>", "the docs to ask if the agent names none (default: the ones promoted last)", corpus),
  deadline: withDefault(
    parsed(
      "<seconds>",
      "quote passages instead of an answer that takes longer; most clients give up after 60",
      positive,
    ),
    55,
  ),
};

const CLIENTS = `
An agent starts the process itself and ends it by closing stdin:
  claude mcp add docs -- node /path/to/winnow/cli/winnow.mjs mcp
Only \`ask\` needs Temporal. It joins what runs here, or starts it for as long as the agent stays.`;

/** `winnow mcp`. */
export function addAgentCommands(program: Command): void {
  addCommand(
    program,
    "mcp",
    "Tools for agents on stdin and stdout (Model Context Protocol): search, fetch, ask, status.",
    mcp,
    async ({ config, io, options }) => {
      // Before any import that might print.
      const output = takeStdout();
      const { mcpCommand } = await import("./commands/mcp.ts");
      await mcpCommand(config, io, output, options);
    },
  ).addHelpText("after", CLIENTS);
}
