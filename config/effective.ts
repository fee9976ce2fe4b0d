import { messageOf } from "../core/base/errors.ts";
import { GROUPS, SETTINGS } from "./allSettings.ts";
import { readCliConfig } from "./cliConfig.ts";
import type { Machine } from "./machine.ts";
import { nearest } from "./nearest.ts";
import { readingOf } from "./reading.ts";
import type { Environment, Reader, Reading, Setting } from "./schema.ts";
import { readLlm } from "./settings/llm.ts";
import { readPayloadKeys } from "./settings/payloadKeys.ts";
import { readTraces } from "./settings/tracing.ts";
import { readDeployment } from "./settings/versions.ts";
import { profileFields, profileOf, temporalAccess } from "./temporalAccess.ts";
import { readWorkerConfig } from "./workerConfig.ts";

/** The value of one setting and where it came from. */
export interface EffectiveSetting {
  name: string;
  group: string;
  /** Value for people; `set` for a secret, null for none. */
  value: string | null;
  origin: "variable" | "profile" | "default" | "machine";
  /** Name of the variable or the profile; null for a default. */
  from: string | null;
  secret: boolean;
  readBy: readonly Reader[];
  /** Why the variable's value is refused, or null. */
  problem: string | null;
}

export interface EffectiveConfig {
  settings: EffectiveSetting[];
  /** Variables with Winnow's prefix that nothing reads. */
  unknown: { name: string; nearest: string }[];
  /** Reasons why a worker or a command would refuse to start. */
  problems: string[];
}

/** Source of a value, and the value as it may be shown. */
type Found = Pick<EffectiveSetting, "value" | "origin" | "from">;

/** Settings that are validated together. Each part is read separately, so that every refusal is reported. */
const PARTS = [
  readPayloadKeys,
  readDeployment,
  readLlm,
  readTraces,
  ({ env }: Reading) => temporalAccess(env),
] satisfies ((reading: Reading) => unknown)[];

/** Returns the settings in effect. The result contains no part of a secret. */
export function effectiveConfig(env: Environment = process.env, machine?: Machine): EffectiveConfig {
  const reading = readingOf(env, machine);
  const find = finder(reading);
  const settings = GROUPS.flatMap(({ title, settings }) =>
    settings.map((setting) => ({ ...described(setting, find), group: title })),
  );
  const readers = [...PARTS, () => readWorkerConfig(env, machine), () => readCliConfig(env)];
  const refusals = [
    ...settings.flatMap(({ problem }) => problem ?? []),
    ...readers.flatMap((read) => refusalOf(() => read(reading))),
  ];
  return { settings, unknown: unknownNames(env), problems: [...new Set(refusals)] };
}

function described(setting: Setting, find: (setting: Setting) => Found): Omit<EffectiveSetting, "group"> {
  const { name, secret, readBy } = setting;
  try {
    return { name, ...find(setting), secret, readBy, problem: null };
  } catch (error) {
    return { name, value: null, origin: "variable", from: name, secret, readBy, problem: messageOf(error) };
  }
}

function finder(reading: Reading): (setting: Setting) => Found {
  const profile = profileFields(reading.env);
  const fromProfile = profileOf(reading.env);
  return function find(setting): Found {
    const masked = (value: string) => (setting.secret ? "set" : value);
    const given = reading.given(setting);
    if (given !== undefined) return { value: masked(setting.kind.show(given)), origin: "variable", from: setting.name };
    const field = setting.profile?.(profile);
    if (field !== undefined) return { value: masked(String(field)), origin: "profile", from: fromProfile };
    const value = reading.get(setting);
    const other = setting.after.map(find).find(({ origin }) => origin === "variable");
    if (other) return { value: masked(setting.kind.show(value)), origin: "variable", from: other.from };
    if (value === null || setting.secret) return { value: null, origin: "default", from: null };
    return { value: setting.kind.show(value), origin: setting.fromMachine ? "machine" : "default", from: null };
  };
}

function refusalOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

function unknownNames(env: Environment): EffectiveConfig["unknown"] {
  const names = SETTINGS.map(({ name }) => name);
  const own = names.filter((name) => name.startsWith("WINNOW_"));
  return Object.keys(env)
    .filter((name) => name.startsWith("WINNOW_") && !own.includes(name))
    .sort()
    .map((name) => ({ name, nearest: nearest(name, own) }));
}
