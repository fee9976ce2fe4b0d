import { resolve } from "node:path";
import { SETTINGS } from "../config/allSettings.ts";
import { nearest } from "../config/nearest.ts";
import { readConfig } from "../config/read.ts";
import { readingOf } from "../config/reading.ts";
import { THREADS } from "../config/settings/compute.ts";
import { STATES_DISK } from "../config/settings/states.ts";
import { HOME } from "../config/settings/storage.ts";
import { WinnowError } from "../core/base/errors.ts";
import type { Computing, Places } from "./settings.ts";

const NAMES = SETTINGS.map(({ name }) => name);

export interface LibrarySettings {
  /**
   * Settings by their names in the reference, such as `WINNOW_THREADS` or `WINNOW_ARTIFACTS`. Only these are in effect,
   * not the variables of the process.
   */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Settings of a call from a program. Passage states stay in memory unless `WINNOW_STATES_DISK_MB` is given. Throws
 * BadInput, which names the setting.
 */
export function librarySettings(home: string, { settings = {} }: LibrarySettings): Places & Computing {
  const unknown = Object.keys(settings).find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw new WinnowError("BadInput", `settings: there is no ${unknown}; did you mean ${nearest(unknown, NAMES)}?`);
  const env = { [STATES_DISK.name]: "0", ...settings, [HOME.name]: resolve(home) };
  const reading = readingOf(env);
  const { artifacts, provider, stateLimits, vectors } = readConfig(reading);
  return {
    home: reading.get(HOME),
    artifacts,
    provider,
    stateLimits,
    vectors,
    threads: reading.given(THREADS) ?? null,
    env,
  };
}
