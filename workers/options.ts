import type { WorkerOptions } from "@temporalio/worker";
import { failureInterceptors } from "../activities/failures.ts";
import type { Capacity } from "../config/settings/capacity.ts";
import type { WorkerConfig } from "../config/workerConfig.ts";
import { QUEUES, type QueueName } from "../contracts/names.ts";
import { PayloadEncryption } from "../core/base/payloadCodec.ts";
import type { PayloadKeys } from "../core/base/payloadKeys.ts";
import { ENCODED_FAILURES } from "./workflowBundle.ts";

/** Concurrent light activities, which mostly wait for disk and server. */
const LIGHT_AT_ONCE = 20;

/** Extra slots for refusing questions at once while others run and wait. */
const REFUSING = 8;

/** Concurrent activities of a queue in one worker, waiting questions included. */
function atOnce(queue: QueueName, { stages, questions, waiting }: Capacity): number {
  if (queue === QUEUES.main) return LIGHT_AT_ONCE;
  return queue === QUEUES.query ? questions + waiting + REFUSING : stages;
}

/** Limits of a queue's worker. The heartbeats of an answer that is followed carry its text ten times a second. */
export function limits(
  queue: QueueName,
  capacity: Capacity,
): Pick<WorkerOptions, "maxConcurrentActivityTaskExecutions" | "maxCachedWorkflows" | "maxHeartbeatThrottleInterval"> {
  const activities = { maxConcurrentActivityTaskExecutions: atOnce(queue, capacity) };
  if (queue === QUEUES.main) return { ...activities, maxCachedWorkflows: capacity.cachedWorkflows };
  return queue === QUEUES.query ? { ...activities, maxHeartbeatThrottleInterval: "100 milliseconds" } : activities;
}

/**
 * Options that all workers share. Heartbeats are sent at least twice a second, so that a cancellation is noticed in
 * time. On shutdown, running activities continue for 3 s and then have 12 s to stop.
 */
export const SHARED_OPTIONS = {
  interceptors: { activity: [failureInterceptors] },
  maxHeartbeatThrottleInterval: "500 milliseconds",
  shutdownGraceTime: "3 seconds",
  shutdownForceTime: "15 seconds",
} satisfies Partial<WorkerOptions>;

/**
 * Options of versioned workers. A run stays on the build it began with, so a new build needs no workflow patches. The
 * old build can stop when its runs have ended.
 */
export function versioned(deployment: WorkerConfig["deployment"]): Pick<WorkerOptions, "workerDeploymentOptions"> {
  if (deployment === null) return {};
  const version = { deploymentName: deployment.name, buildId: deployment.buildId };
  return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: "PINNED" } };
}

/** Encrypts everything that workers and clients send to Temporal, failure messages included. No-op without keys. */
export function encryption(keys: PayloadKeys | null): Pick<WorkerOptions, "dataConverter"> {
  if (keys === null) return {};
  return { dataConverter: { payloadCodecs: [new PayloadEncryption(keys)], failureConverterPath: ENCODED_FAILURES } };
}
