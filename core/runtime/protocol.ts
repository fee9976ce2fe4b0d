import type { Compute } from "../base/compute.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { TaskProgress } from "../base/progress.ts";

/** An error sent by a child process; `code` is null for errors outside the domain. */
export interface CrossedError {
  code: ErrorCode | null;
  message: string;
  stack?: string;
  retryAfterMs: number | null;
}

export type ToChild =
  | { type: "compute"; compute: Compute }
  | { type: "task"; name: string; args: unknown }
  | { type: "service"; name: string; args: unknown }
  | { type: "request"; id: number; method: string; params: unknown[] }
  | { type: "cancel" };

export type FromChild =
  | { type: "progress"; progress: TaskProgress }
  | { type: "warning"; text: string }
  | { type: "opened" }
  | { type: "result"; id: number; value: unknown }
  | { type: "error"; id: number; error: CrossedError };

/** Id of the replies to `task` and `service`; requests count from 1. */
export const WHOLE = 0;

/** Descriptor of the pipe on which the child shows that it is alive. */
export const PULSE_FD = 4;
