import type { Client } from "@temporalio/client";
import { WinnowError } from "../core/base/errors.ts";
import { asWinnowError } from "./outcome.ts";
import type { StackSettings } from "./settings.ts";
import { serverAddress } from "./stack.ts";
import { connectClient } from "./temporal.ts";

const CONNECT_SECONDS = 3;
const ANSWER_MS = 5000;

/** Where the Temporal server of the doors comes from. */
export interface TemporalSource {
  /** A client of the server. Throws TemporalUnreachable. */
  client(): Promise<Client>;
  /** Throws TemporalUnreachable if questions cannot be asked now. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** A server that runs already. The first call connects; a later one tries again after a failure. */
export class RunningServer implements TemporalSource {
  private connecting: Promise<Client> | null = null;

  constructor(private readonly config: StackSettings) {}

  client(): Promise<Client> {
    this.connecting ??= this.connect().catch((error) => {
      this.connecting = null;
      throw error;
    });
    return this.connecting;
  }

  async probe(): Promise<void> {
    await probeServer(await this.client());
  }

  async close(): Promise<void> {
    const client = await this.connecting?.catch(() => null);
    await client?.connection.close();
  }

  private async connect(): Promise<Client> {
    const address = await serverAddress(this.config);
    if (address) return connectClient(address, this.config, CONNECT_SECONDS);
    const message = "No Temporal server runs here. Start it with `npx winnow up`, or set TEMPORAL_ADDRESS.";
    throw new WinnowError("TemporalUnreachable", message);
  }
}

/** Throws TemporalUnreachable if the server does not answer soon. */
export async function probeServer(client: Client): Promise<void> {
  const { namespace } = client.options;
  const call = () => client.workflowService.describeNamespace({ namespace });
  await client.withDeadline(Date.now() + ANSWER_MS, call).catch((error) => {
    throw asWinnowError(error);
  });
}
