import type { CliConfig } from "../config/cliConfig.ts";

/** Location of the state: a folder, and the bucket that machines share. */
export type Places = Pick<CliConfig, "home" | "artifacts">;

/** Settings of the functions that compute in processes of their own. */
export type Computing = Pick<CliConfig, "threads" | "provider" | "stateLimits" | "vectors" | "env">;

/** Access to a Temporal server. */
export type Access = Pick<CliConfig, "namespace" | "payloadKeys"> &
  Partial<Pick<CliConfig, "temporalAddress" | "temporalOrigin" | "credentials">>;

/** Settings of finding, starting and stopping the embedded Temporal server with its workers. */
export type StackSettings = Required<Access> & Pick<CliConfig, "home" | "cache" | "path" | "env">;

/** All settings of a front door. */
export type ClientSettings = Places & Computing & StackSettings & Pick<CliConfig, "llm" | "localLlm">;
