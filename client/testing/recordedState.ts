import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extract } from "tar";
import type { RankedPassage } from "../../contracts/passage.ts";

/** The question whose passages are recorded with each state. */
export const QUESTION = "what is red pod";

const STATES = fileURLToPath(new URL("states", import.meta.url));

/** What a state was recorded with. */
export interface Expected {
  /** The champion, and the release that it was rolled back from. */
  releases: [string, string];
  passages: Pick<RankedPassage, "id" | "rank" | "scores">[];
}

/** Names of the recorded states. */
export function recordedStates(): string[] {
  return readdirSync(STATES).map((file) => file.replace(/\.tar\.gz$/, ""));
}

/** Unpacks a recorded state into a new home. */
export async function unpackState(name: string): Promise<{ home: string; expected: Expected }> {
  const home = mkdtempSync(join(tmpdir(), "winnow-old-state-"));
  await extract({ cwd: home, file: join(STATES, `${name}.tar.gz`) });
  return { home, expected: JSON.parse(readFileSync(join(home, "expected.json"), "utf8")) };
}
