import type { ClientConfigProfile } from "@temporalio/envconfig";
import type { Machine } from "./machine.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Processes that read a setting. `api` is the HTTP server, `containers` is docker-compose.yml, `tests` are the tests and
 * benches.
 */
export type Reader = "workers" | "cli" | "api" | "set-up" | "containers" | "tests";

/** Parser and printer of a variable's text. */
export interface Kind<T> {
  /** Name in the reference: `whole number above 0`. */
  type: string;
  /** Throws BadInput, which names the variable and the expected value. */
  parse(text: string, name: string): T;
  /** Value for people, without passwords. */
  show(value: T): string;
}

/** One environment variable. `T` is the type of its parsed value, `F` that of its value when unset. */
export interface Setting<T = unknown, F = unknown> {
  /** A trailing `*` stands for all variables with this prefix. */
  name: string;
  kind: Kind<T>;
  /** The default in words, as Markdown. */
  default: string;
  help: string;
  /** True if the value is never printed. */
  secret: boolean;
  readBy: readonly Reader[];
  fallback(reading: Reading): F;
  /** True if the fallback depends on the cores and memory of the machine. */
  fromMachine: boolean;
  /** Settings that the fallback is taken from, in order of precedence. */
  after: readonly Setting[];
  /** True if an empty text is a value. For all other settings it counts as unset. */
  emptyCounts: boolean;
  /** The same field of a Temporal profile, used if the variable is unset. */
  profile?(profile: ClientConfigProfile): string | undefined;
  /** Child processes that inherit the variable unchanged. */
  heirs: readonly ("compute" | "git" | "server")[];
}

/** The environment of one process, read through the schema. */
export interface Reading {
  env: Environment;
  machine(): Machine;
  /** Text of the variable, or undefined if unset. */
  text(setting: Setting): string | undefined;
  /** Parsed value of the variable, or undefined if unset. Throws BadInput. */
  given<T>(setting: Setting<T>): T | undefined;
  /** The value in effect. Throws BadInput. */
  get<T, F>(setting: Setting<T, F>): T | F;
}

/** A group of related settings: one section of the reference. */
export interface Group {
  title: string;
  about: string;
  settings: readonly Setting[];
  /** `winnow config` shows only those of its settings that are set. */
  aside?: boolean;
}

type Given<T, F> = Pick<Setting<T, F>, "name" | "kind" | "default" | "help" | "readBy"> & Partial<Setting<T, F>>;

/** Declares a setting. Without a fallback, its value is null when unset. */
export function setting<T, F = null>(given: Given<T, F>): Setting<T, F> {
  const fallback = () => null as F;
  return { secret: false, fallback, fromMachine: false, after: [], emptyCounts: false, heirs: [], ...given };
}
