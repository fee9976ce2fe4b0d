import type { NativeConnection } from "@temporalio/worker";
import type { TemporalFacts } from "../activities/light.ts";
import { queueLoads } from "../core/upkeep/queueLoads.ts";

// Values of IndexedValueType in temporal.api.enums.v1.
const VALUE_TYPES: Record<number, string> = { 2: "Keyword", 4: "Double" };
const RUNNING = 1;
const NOT_FOUND = 5;

/** Cache time of the search attributes: every question needs them, and they rarely change. */
const ATTRIBUTES_MS = 30_000;

/** Queries the server that a worker is connected to. */
export function temporalFacts(connection: NativeConnection, namespace: string): TemporalFacts {
  const describe = async (workflowId: string, runId?: string) => {
    const execution = { workflowId, runId };
    const found = await connection.workflowService
      .describeWorkflowExecution({ namespace, execution })
      .catch((error) => {
        if (error?.code === NOT_FOUND) return null;
        throw error;
      });
    return found?.workflowExecutionInfo ?? null;
  };
  let attributes: { at: number; known: Record<string, string> } | null = null;
  return {
    async searchAttributes() {
      if (attributes && Date.now() - attributes.at < ATTRIBUTES_MS) return attributes.known;
      // Some servers do not let workers list search attributes. A memo carries the values then.
      const found = await connection.operatorService.listSearchAttributes({ namespace }).catch(() => null);
      const custom = Object.entries(found?.customAttributes ?? {});
      const known = Object.fromEntries(custom.map(([name, type]) => [name, VALUE_TYPES[type] ?? "other"]));
      if (found) attributes = { at: Date.now(), known };
      return known;
    },
    async parentOf(workflowId) {
      const parent = (await describe(workflowId))?.parentExecution;
      if (!parent?.workflowId) return null;
      const status = (await describe(parent.workflowId, parent.runId ?? undefined))?.status;
      const running = status === RUNNING;
      return { workflowId: parent.workflowId, running };
    },
    async pollers(queue) {
      const { workflowService } = connection;
      const loads = await queueLoads(queue, namespace, (request) => workflowService.describeTaskQueue(request));
      return loads.find(({ kind }) => kind === "activity")?.pollers ?? 0;
    },
  };
}
