import { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";
import { CREDENTIAL_SETTINGS } from "../config/temporalAccess.ts";
import type { WorkerConfig } from "../config/workerConfig.ts";
import { messageOf } from "../core/base/errors.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Connects to Temporal and retries with back-off until it answers. Logs once that it waits. Returns null if `stop`
 * fires first.
 */
export async function connectTemporal(
  { address, namespace, origin, credentials }: WorkerConfig["temporal"],
  log: Logger,
  stop: AbortSignal,
): Promise<NativeConnection | null> {
  let told = false;
  for (let wait = FIRST_WAIT_MS; !stop.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      const connection = await NativeConnection.connect({ ...credentials, address });
      try {
        await connection.workflowService.describeNamespace({ namespace });
        return connection;
      } catch (error) {
        await connection.close();
        throw error;
      }
    } catch (error) {
      if (!told) {
        const check = Object.values(credentials).some(Boolean) ? ` If it refuses, check ${CREDENTIAL_SETTINGS}.` : "";
        log.warn(
          { reason: messageOf(error).split("\n")[0], origin },
          `Temporal does not answer at ${address} (namespace ${namespace}). Trying again until it does; TEMPORAL_ADDRESS names another server.${check}`,
        );
      }
      told = true;
      await pause(wait, stop);
    }
  }
  return null;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      settle();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end);
  });
}
