import type { Client } from "@temporalio/client";
import { WinnowError } from "../core/base/errors.ts";
import type { StackSettings } from "./settings.ts";
import { type Stack, usableStack } from "./stack.ts";
import type { OnStackEvent } from "./stackEvents.ts";
import { liveStack } from "./stackFile.ts";
import { connectClient } from "./temporal.ts";
import { probeServer, type TemporalSource } from "./temporalSource.ts";

interface Connected {
  settings: StackSettings;
  stack: Stack;
  client: Client;
}

/**
 * The configured Temporal server, or the stack that runs on this home. If none runs, the first call of `client` starts
 * one, which stays until `close`.
 *
 * @param settings read each time before a stack is joined or started
 */
export function lazyStack(settings: () => Promise<StackSettings>, onEvent?: OnStackEvent): TemporalSource {
  const closing = new AbortController();
  let current: Promise<Connected> | null = null;

  const connected = async (): Promise<Connected> => {
    const before = current;
    const made = await before;
    if (made !== null && (await stillServes(made))) return made;
    if (closing.signal.aborted) throw new WinnowError("Cancelled", "The server is closing");
    // Another caller may have found the same stack gone, and connected anew.
    if (current === before) {
      const next = connect(settings, closing.signal, onEvent);
      current = next;
      next.catch(() => {
        if (current === next) current = null;
      });
      await made?.client.connection.close().catch(() => {});
    }
    return current!;
  };
  return {
    client: async () => (await connected()).client,
    async probe() {
      const made = await current;
      // A stack that is not needed yet can be started.
      if (made !== null) await probeServer(made.client);
    },
    async close() {
      closing.abort();
      const made = await Promise.resolve(current).catch(() => null);
      await made?.client.connection.close().catch(() => {});
      await made?.stack.stop();
    },
  };
}

async function connect(
  settings: () => Promise<StackSettings>,
  closing: AbortSignal,
  onEvent: OnStackEvent | undefined,
): Promise<Connected> {
  const config = await settings();
  const stack = await usableStack(config, { onEvent, stop: closing, hurry: closing });
  try {
    return { settings: config, stack, client: await connectClient(stack.info.address, config) };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** False if another process owned the stack and has ended it. An own one and the operator's server are restarted. */
async function stillServes({ settings, stack }: Connected): Promise<boolean> {
  if (stack.owned || settings.temporalAddress) return true;
  const live = await liveStack(settings);
  return live?.ownerPid === stack.info.ownerPid && live.address === stack.info.address;
}
