import type { Failpoint } from "../core/artifacts/storage.ts";
import { WinnowError } from "../core/errors.ts";

const ACTIONS = {
  /** As kill -9 would: nothing is cleaned up. */
  exit: () => process.kill(process.pid, "SIGKILL"),
  throw: (name: string) => {
    throw new Error(`failpoint ${name}`);
  },
  hang: () => new Promise<void>(() => {}),
} satisfies Record<string, (name: string) => unknown>;

/** Crash points from `name:action[,name:action]`; without a text, none. Throws BadInput for an unknown action. */
export function parseFailpoints(text: string | null): Failpoint {
  if (text === null) return () => {};
  const actions = new Map(text.split(",").map((part) => split(part)));
  return async (name) => {
    await actions.get(name)?.(name);
  };
}

function split(part: string): [string, (name: string) => unknown] {
  const [name = "", action = ""] = part.split(":");
  if (Object.hasOwn(ACTIONS, action)) return [name, ACTIONS[action as keyof typeof ACTIONS]];
  const known = Object.keys(ACTIONS).join(", ");
  throw new WinnowError("BadInput", `WINNOW_FAILPOINT: ${part} is not name:action, where action is one of ${known}`);
}
