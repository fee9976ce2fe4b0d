import type { Client } from "@temporalio/client";
import { withStack } from "../client/stack.ts";
import type { CliConfig } from "../config/cliConfig.ts";
import type { Io } from "./io.ts";
import { renderStackEvent } from "./renderStack.ts";

/** Runs `work` on the running stack, or on one that is started for this command, and prints its events. */
export function onStack<T>(config: CliConfig, io: Io, work: (client: Client) => Promise<T>): Promise<T> {
  return withStack(config, work, (event) => io.log(renderStackEvent(event)));
}
