import { statSync, truncateSync } from "node:fs";
import { WinnowError } from "../core/base/errors.ts";
import type { Failpoint } from "../core/storage/storage.ts";

const ACTIONS = {
  /** Like kill -9: nothing is cleaned up. */
  exit: () => process.kill(process.pid, "SIGKILL"),
  throw: (name: string) => {
    throw new Error(`failpoint ${name}`);
  },
  hang: () => new Promise<void>(() => {}),
  /** Like a power cut: half of the last written file is lost. No-op if no file was written. */
  "short-write": (_: string, file?: string) => {
    if (file === undefined) return;
    truncateSync(file, Math.floor(statSync(file).size / 2));
    process.kill(process.pid, "SIGKILL");
  },
} satisfies Record<string, Action>;

type Action = (name: string, file?: string) => unknown;

/** Parses failpoints from `name:action[,name:action]`; null gives none. Throws BadInput for an unknown action. */
export function parseFailpoints(text: string | null): Failpoint {
  if (text === null) return () => {};
  const actions = new Map(text.split(",").map((part) => split(part)));
  return async (name, file) => {
    await actions.get(name)?.(name, file);
  };
}

function split(part: string): [string, Action] {
  const [name = "", action = ""] = part.split(":");
  if (Object.hasOwn(ACTIONS, action)) return [name, ACTIONS[action as keyof typeof ACTIONS]];
  const known = Object.keys(ACTIONS).join(", ");
  throw new WinnowError("BadInput", `WINNOW_FAILPOINT: ${part} is not name:action, where action is one of ${known}`);
}
