import type { WorkerOptions } from "@temporalio/worker";
import { failureInterceptors } from "../activities/failures.ts";
import type { Capacity } from "../config/settings/capacity.ts";
import type { WorkerConfig } from "../config/workerConfig.ts";
import { QUEUES, type QueueName } from "../contracts/names.ts";
import { PayloadEncryption } from "../core/base/payloadCodec.ts";
import type { PayloadKeys } from "../core/base/payloadKeys.ts";
import { ENCODED_FAILURES } from "./workflowBundle.ts";

/** Light activities at once: they wait for disk and server. */
const LIGHT_AT_ONCE = 20;

/** Room to refuse a question in milliseconds, while others are answered and wait. */
const REFUSING = 8;

/** Activities of a queue that one worker runs at once; those of questions that wait for their turn are among them. */
function atOnce(queue: QueueName, { stages, questions, waiting }: Capacity): number {
  if (queue === QUEUES.main) return LIGHT_AT_ONCE;
  return queue === QUEUES.query ? questions + waiting + REFUSING : stages;
}

/** How much the worker of a queue takes on. */
export function limits(
  queue: QueueName,
  capacity: Capacity,
): Pick<WorkerOptions, "maxConcurrentActivityTaskExecutions" | "maxCachedWorkflows"> {
  const activities = { maxConcurrentActivityTaskExecutions: atOnce(queue, capacity) };
  return queue === QUEUES.main ? { ...activities, maxCachedWorkflows: capacity.cachedWorkflows } : activities;
}

/**
 * What all workers have in common. Heartbeats leave at least twice a second, so that a cancel is seen in time; on
 * shutdown running activities have 3 s before they are told to stop, and 12 s more to do so.
 */
export const SHARED_OPTIONS = {
  interceptors: { activity: [failureInterceptors] },
  maxHeartbeatThrottleInterval: "500 milliseconds",
  shutdownGraceTime: "3 seconds",
  shutdownForceTime: "15 seconds",
} satisfies Partial<WorkerOptions>;

/**
 * Options of workers that have a version: a run stays on the build it began with, so that a new build needs no patch
 * for it, and the old one goes when its runs have ended.
 */
export function versioned(deployment: WorkerConfig["deployment"]): Pick<WorkerOptions, "workerDeploymentOptions"> {
  if (deployment === null) return {};
  const version = { deploymentName: deployment.name, buildId: deployment.buildId };
  return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: "PINNED" } };
}

/** Encrypts what workers and clients send to Temporal, messages of failures too; nothing without keys. */
export function encryption(keys: PayloadKeys | null): Pick<WorkerOptions, "dataConverter"> {
  if (keys === null) return {};
  return { dataConverter: { payloadCodecs: [new PayloadEncryption(keys)], failureConverterPath: ENCODED_FAILURES } };
}
