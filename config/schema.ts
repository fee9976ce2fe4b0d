import type { ClientConfigProfile } from "@temporalio/envconfig";
import type { Machine } from "./machine.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Which processes read a setting. `containers` is docker-compose.yml, `tests` are the tests and benches. */
export type Reader = "workers" | "cli" | "set-up" | "containers" | "tests";

/** What a variable's text means. */
export interface Kind<T> {
  /** As the reference names it: `whole number above 0`. */
  type: string;
  /** Throws BadInput that names the variable and says what to give. */
  parse(text: string, name: string): T;
  /** The value for people. Passwords in it are left out. */
  show(value: T): string;
}

/** One environment variable. `T` is what its text means, `F` the value where it is unset. */
export interface Setting<T = unknown, F = unknown> {
  /** A name that ends in `*` stands for every variable that begins so. */
  name: string;
  kind: Kind<T>;
  /** The default in words, as Markdown. */
  default: string;
  help: string;
  /** The value is never printed. */
  secret: boolean;
  readBy: readonly Reader[];
  fallback(reading: Reading): F;
  /** The fallback follows the cores and memory of the machine. */
  fromMachine: boolean;
  /** Settings that the fallback is taken from, the first that is set. */
  after: readonly Setting[];
  /** An empty text is a value of its own. For all others it counts as unset. */
  emptyCounts: boolean;
  /** The same field of a Temporal profile, which counts where the variable is unset. */
  profile?(profile: ClientConfigProfile): string | undefined;
  /** Child processes that inherit the variable as it is. */
  heirs: readonly ("compute" | "git")[];
}

/** The environment of one process, read through the schema. */
export interface Reading {
  env: Environment;
  machine(): Machine;
  /** The variable's text; undefined where it is unset. */
  text(setting: Setting): string | undefined;
  /** The meaning of the variable's text; undefined where it is unset. Throws BadInput. */
  given<T>(setting: Setting<T>): T | undefined;
  /** The value in effect. Throws BadInput. */
  get<T, F>(setting: Setting<T, F>): T | F;
}

/** Settings that belong together, as one section of the reference. */
export interface Group {
  title: string;
  about: string;
  settings: readonly Setting[];
  /** `winnow config` shows of these only what is set. */
  aside?: boolean;
}

type Given<T, F> = Pick<Setting<T, F>, "name" | "kind" | "default" | "help" | "readBy"> & Partial<Setting<T, F>>;

/** A setting; without a fallback its value is null where it is unset. */
export function setting<T, F = null>(given: Given<T, F>): Setting<T, F> {
  const fallback = () => null as F;
  return { secret: false, fallback, fromMachine: false, after: [], emptyCounts: false, heirs: [], ...given };
}
