import type { Client } from "@temporalio/client";
import { WorkflowNotFoundError } from "@temporalio/common";
import type { AskResult } from "../contracts/ask.ts";
import { WORKFLOWS } from "../contracts/names.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import { startAsk } from "./ask.ts";
import type { Doors } from "./doors.ts";
import { followAsk } from "./followAsk.ts";
import { openLookups } from "./lookups.ts";
import { asWinnowError, resultOf } from "./outcome.ts";
import { listReleases } from "./releases.ts";
import { servingReleases } from "./serving.ts";
import type { Computing, Places, StackSettings } from "./settings.ts";
import { serverAddress } from "./stack.ts";
import { connectClient } from "./temporal.ts";

/** The doors of a server that stays up. */
export interface OpenDoors extends Doors {
  /** Ends compute processes and the connection to Temporal. */
  close(): Promise<void>;
}

/** Temporal's limit of a workflow id, in the characters that Winnow's own have. */
const WORKFLOW_ID = /^[\w.:-]{1,255}$/;
const CONNECT_SECONDS = 3;
const ANSWER_MS = 5000;

/**
 * Opens the doors on the releases of this home and on its Temporal server, to which it connects with the first question.
 * Throws StorageFailed, StoreUnavailable.
 *
 * @example
 * const doors = await openDoors(config);
 * const { id, answer } = await doors.ask("how do I run a one-off task?");
 */
export async function openDoors(config: Places & Computing & StackSettings): Promise<OpenDoors> {
  const lookups = await openLookups(config);
  const server = new Server(config);
  return {
    ...lookups,
    async ask(question, { signal, ...choice } = {}) {
      const handle = await startAsk(await server.client(), question, choice);
      return { id: handle.workflowId, ...(await resultOf<AskResult>(handle, signal)) };
    },
    async *follow(question, choice) {
      yield* followAsk(await server.client(), question, choice);
    },
    stored: async (id) => (WORKFLOW_ID.test(id) ? storedAnswer(await server.client(), id) : null),
    releases: () => listReleases(config),
    serving: () => servingReleases(config),
    async unready() {
      try {
        await lookups.release();
        await server.probe();
        return null;
      } catch (error) {
        return messageOf(error);
      }
    },
    async close() {
      await lookups.close();
      await server.close();
    },
  };
}

/** The result of a workflow `ask`. Throws the error that it ended with. */
async function storedAnswer(client: Client, id: string): ReturnType<Doors["stored"]> {
  const handle = client.workflow.getHandle(id);
  try {
    const { type, status } = await client.withDeadline(Date.now() + ANSWER_MS, () => handle.describe());
    if (type !== WORKFLOWS.ask) return null;
    if (status.name === "RUNNING") return "running";
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw asWinnowError(error);
  }
  return { id, ...(await resultOf<AskResult>(handle)) };
}

/** The connection to Temporal. The first call opens it; a later one tries again after a failure. */
class Server {
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
    const client = await this.client();
    const { namespace } = client.options;
    const call = () => client.workflowService.describeNamespace({ namespace });
    await client.withDeadline(Date.now() + ANSWER_MS, call).catch((error) => {
      throw asWinnowError(error);
    });
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
