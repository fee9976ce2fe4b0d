import { GROUPS } from "../../config/allSettings.ts";
import { type EffectiveConfig, type EffectiveSetting, effectiveConfig } from "../../config/effective.ts";
import type { Group } from "../../config/schema.ts";
import { EXIT } from "../exit.ts";
import type { Io } from "../io.ts";

/** `winnow config`: every setting in effect with its source. Exits 2 if a process would refuse to start. */
export async function configCommand(io: Io): Promise<void> {
  const config = effectiveConfig();
  io.result(config, () => renderConfig(config));
  if (config.problems.length > 0) process.exitCode = EXIT.badInput;
}

/** Grouped as in the reference, with all problems at the end. */
export function renderConfig({ settings, unknown, problems }: EffectiveConfig): string {
  const notes = [
    ...unknown.map(({ name, nearest }) => `${name} is not a setting of Winnow. Did you mean ${nearest}?`),
    ...problems.map((problem) => `✘ ${problem}`),
  ];
  return [...GROUPS.map((group) => section(group, settings)), notes.join("\n")].filter(Boolean).join("\n\n");
}

function section({ title, settings, aside }: Group, effective: EffectiveSetting[]): string {
  const rows = settings.flatMap((setting) => {
    const found = effective.find(({ name }) => name === setting.name)!;
    if (aside && found.origin === "default") return [];
    return [[setting.name, originOf(found), shownValue(found, setting.default)] as const];
  });
  if (rows.length === 0) return "";
  const name = Math.max(...rows.map((row) => row[0].length));
  const origin = Math.max(...rows.map((row) => row[1].length));
  return [title, ...rows.map((row) => `  ${row[0].padEnd(name)}  ${row[1].padEnd(origin)}  ${row[2]}`)].join("\n");
}

function originOf({ name, origin, from, problem }: EffectiveSetting): string {
  if (problem) return "environment";
  if (origin === "machine") return "this machine";
  if (origin === "default") return "default";
  return from === name ? "environment" : `${from}`;
}

/** Without a value, the default in words. */
function shownValue({ value, problem }: EffectiveSetting, inWords: string): string {
  return problem ? "refused, see below" : value || inWords.replaceAll("`", "");
}
