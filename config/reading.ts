import { type Machine, readMachine } from "./machine.ts";
import type { Environment, Reading, Setting } from "./schema.ts";

/** Reads settings from an environment. The machine is examined only if a default depends on it. */
export function readingOf(env: Environment, machine?: Machine): Reading {
  let known = machine;
  const reading: Reading = {
    env,
    machine: () => (known ??= readMachine()),
    text: (setting) => textOf(setting, env),
    given(setting) {
      const text = textOf(setting, env);
      return text === undefined ? undefined : setting.kind.parse(text, setting.name);
    },
    get: (setting) => reading.given(setting) ?? setting.fallback(reading),
  };
  return reading;
}

function textOf({ name, emptyCounts }: Setting, env: Environment): string | undefined {
  if (name.endsWith("*")) return namesWith(name.slice(0, -1), env).join(", ") || undefined;
  const text = env[name];
  return text === "" && !emptyCounts ? undefined : text;
}

function namesWith(start: string, env: Environment): string[] {
  return Object.keys(env).filter((name) => name.startsWith(start) && env[name]);
}
