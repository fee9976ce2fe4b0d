import { WinnowError } from "../base/errors.ts";
import { formatProblem } from "../base/storedFormat.ts";
import type { Inventory } from "./inventory.ts";

/** Throws BadInput if a newer version wrote some of the state: what that version needs is not known here. */
export function requireKnownFormats({ releases, ledger, steps }: Inventory): void {
  for (const { file, value } of [...releases, ...[...ledger.values()].flat(), ...steps]) {
    const problem = formatProblem(value);
    if (problem !== null) throw new WinnowError("BadInput", `Nothing is removed: ${file} ${problem}.`);
  }
}
