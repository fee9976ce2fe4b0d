import type { Computing, Places } from "../settings.ts";

/** Settings of the functions that need no server, over a state folder. */
export function localSettings(home: string): Places & Computing {
  return {
    home,
    artifacts: null,
    threads: 1,
    provider: "cpu",
    stateLimits: { memoryBytes: 0, disk: null },
    vectors: null,
    env: process.env,
  };
}
