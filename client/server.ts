import type { Client } from "@temporalio/client";
import { WinnowError } from "../core/base/errors.ts";
import type { StackSettings } from "./settings.ts";
import { serverAddress } from "./stack.ts";
import { connectClient } from "./temporal.ts";

/**
 * Runs `work` with a client of a server that stays: the configured one, or the one of `winnow up`. `why` completes the
 * message if there is none. Throws TemporalUnreachable, and what `work` throws.
 *
 * @example
 * const schedules = await withServer(config, "a schedule lives on one", listSchedules);
 */
export async function withServer<T>(
  config: StackSettings,
  why: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const address = await serverAddress(config);
  if (!address)
    throw new WinnowError(
      "TemporalUnreachable",
      `No Temporal server runs here, and ${why}. Start it with \`npx winnow up\`, or set TEMPORAL_ADDRESS.`,
    );
  const client = await connectClient(address, config);
  try {
    return await work(client);
  } finally {
    await client.connection.close();
  }
}
