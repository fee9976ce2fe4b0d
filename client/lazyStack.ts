import type { Client } from "@temporalio/client";
import { WinnowError } from "../core/base/errors.ts";
import type { StackSettings } from "./settings.ts";
import { type Stack, usableStack } from "./stack.ts";
import type { OnStackEvent } from "./stackEvents.ts";
import { liveStack } from "./stackFile.ts";
import { connectClient } from "./temporal.ts";
import { probeServer, type TemporalSource } from "./temporalSource.ts";

const PROBE_SECONDS = 2;

interface Connected {
  settings: StackSettings;
  stack: Stack;
  client: Client;
}

/**
 * The configured Temporal server, or the stack that runs on this home. If none runs, the first call of `client` starts
 * one, which stays until `close`.
 *
 * @param prepare called each time before a stack is joined or started; gives the settings to start it with
 */
export function lazyStack(
  config: StackSettings,
  prepare: () => Promise<StackSettings>,
  onEvent?: OnStackEvent,
): TemporalSource {
  const closing = new AbortController();
  let current: Promise<Connected> | null = null;

  const connected = async (): Promise<Connected> => {
    const before = current;
    const made = await before;
    if (made !== null && (await stillServes(made))) return made;
    if (closing.signal.aborted) throw new WinnowError("Cancelled", "The server is closing");
    // Another caller may have found the same stack gone, and connected anew.
    if (current === before) {
      const next = connect(prepare, closing.signal, onEvent);
      current = next;
      next.catch(() => {
        if (current === next) current = null;
      });
      await made?.client.connection.close().catch(() => {});
    }
    // The other caller may have failed meanwhile.
    return current ?? connected();
  };
  return {
    client: async () => (await connected()).client,
    async probe() {
      const made = await current;
      if (made !== null && (await stillServes(made))) return probeServer(made.client);
      // A stack that is not needed yet can be started.
      if (!config.temporalAddress) return;
      const client = await connectClient(config.temporalAddress, config, PROBE_SECONDS);
      await client.connection.close();
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
  prepare: () => Promise<StackSettings>,
  closing: AbortSignal,
  onEvent: OnStackEvent | undefined,
): Promise<Connected> {
  const config = await prepare();
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
