import { computeEnvironment } from "../config/compute.ts";
import type { ProcessOptions } from "../core/runtime/process.ts";
import type { Computing } from "./settings.ts";

/** Options of the compute processes that a function of the client starts. They inherit no secrets. */
export function computeOptions({
  threads,
  provider,
  env,
}: Pick<Computing, "threads" | "provider" | "env">): ProcessOptions {
  return { threads: threads ?? undefined, provider, env: computeEnvironment(env) };
}
