import type { Client } from "@temporalio/client";
import { type Stack, type StackControl, withStack } from "../client/stack.ts";
import type { CliConfig } from "../config/cliConfig.ts";
import { unlessAborted } from "../core/base/unlessAborted.ts";
import type { Stopping } from "./interrupts.ts";
import type { Io } from "./io.ts";
import { renderStackEvent } from "./renderStack.ts";

type Work<T> = (client: Client, stopping: Stopping, stack: Stack) => Promise<T>;

/**
 * Runs `work` on the running stack, or on one that is started for this command, and prints its events. Work that
 * ignores `stop` is abandoned at `hurry`. A stack that was started for the command is always stopped.
 */
export function onStack<T>(
  config: CliConfig,
  io: Io,
  work: Work<T>,
  control: Pick<StackControl, "serverOnly"> = {},
): Promise<T> {
  return io.interrupts.during((stopping) =>
    withStack(config, (client, stack) => unlessAborted(work(client, stopping, stack), stopping.hurry), {
      ...control,
      ...stackControl(io, stopping),
    }),
  );
}

/** Prints the events of a stack. The end of the stack is shown only to a user who interrupted the command. */
export function stackControl(io: Io, { stop, hurry }: Stopping): StackControl {
  hurry.addEventListener("abort", () => io.log("Stopping at once."), { once: true });
  const onEvent: StackControl["onEvent"] = (event) => {
    if (event.kind !== "stopping" || stop.aborted) io.log(renderStackEvent(event));
  };
  return { onEvent, stop, hurry };
}
