import type { Writable } from "node:stream";
import { lazyStack } from "../../client/lazyStack.ts";
import { type OpenDoors, openDoors } from "../../client/openDoors.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { packageVersion } from "../../config/packageVersion.ts";
import { messageOf } from "../../core/base/errors.ts";
import { agentServers } from "../../mcp/server.ts";
import { serveStreams } from "../../mcp/stdio.ts";
import type { Io } from "../io.ts";
import { withLlm } from "../localLlm.ts";
import { renderStackEvent } from "../renderStack.ts";

export interface McpOptions {
  /** Corpus to ask if the agent names none. */
  corpus?: string;
  /** Seconds after which passages are quoted instead of an answer. */
  deadline: number;
}

/** `winnow mcp`: serves the agent that started this process, until it closes stdin. */
export async function mcpCommand(
  config: CliConfig,
  io: Io,
  output: Writable,
  { corpus, deadline }: McpOptions,
): Promise<void> {
  await io.interrupts.during(async ({ stop }) => {
    const prepare = async () => {
      // Says that nothing serves before a server is started.
      if (!config.temporalAddress) await doors.release();
      return withLlm(config, undefined, "joined workers");
    };
    const stack = lazyStack(config, prepare, (event) => io.log(renderStackEvent(event)));
    const doors: OpenDoors = await openDoors(config, stack);
    const onFailure = (thrown: unknown) => io.log(`winnow: ${messageOf(thrown)}`);
    const servers = agentServers({
      doors,
      ...{ version: packageVersion(), corpus, deadlineMs: deadline * 1000, causes: true, onFailure },
    });
    if (process.stdin.isTTY)
      io.log("An agent starts this command and speaks to it on stdin: docs/guide/agents.md. Ctrl-C ends it.");
    try {
      await serveStreams(servers, { input: process.stdin, output, stop, onError: onFailure });
    } finally {
      await doors.close();
    }
  });
}
