import type { ReleaseSummary } from "../../contracts/release.ts";
import type { Outcome } from "../e2e/command.ts";
import { type Clock, picked, secondsBetween } from "./clock.ts";
import { CORPUS, type Product } from "./product.ts";

/** Refusals that a person gets who decides while others do, or while the server is away. */
const REFUSALS: Record<string, RegExp> = {
  "somebody was faster": /another run promoted first|PromotionConflict|is the champion|was promoted|went back/,
  "no champion to go back to": /no champion to go back to/,
  "the release is retired": /retired|winnow gc removed|were removed by `winnow gc`/,
  "the server is away": /does not answer|No Temporal server|No worker polls|are not ready after/,
};

/** Why a command was refused; null if it succeeded. Throws an Error if the reason is none of these. */
export function refusal({ code, stdout, stderr }: Outcome, refusals: Record<string, RegExp>): string | null {
  if (code === 0) return null;
  const found = Object.entries(refusals).find(([, words]) => words.test(stdout + stderr));
  if (found) return found[0];
  throw new Error(`exit ${code}: ${stdout}${stderr}`);
}

/** Promotes and rolls back releases at random, by the command. */
export function changeChampions(clock: Clock, product: Product, random: () => number): Promise<void> {
  const pause = () => secondsBetween(random, 15, 60);
  return clock.every("champions", pause, async () => {
    const listed = await product.run("releases", "--json");
    if (listed.code !== 0) throw new Error(listed.stderr);
    const { releases } = JSON.parse(listed.stdout) as { releases: ReleaseSummary[] };
    const able = releases.filter(({ retired, champion }) => !retired && !champion);
    const promote = able.length > 0 && random() < 0.6;
    const what = promote ? ["promote", picked(able, random).id] : ["rollback", "--corpus", CORPUS];
    const outcome = await product.run("releases", ...what, "--reason", "soak", "--json");
    const refused = refusal(outcome, REFUSALS);
    clock.log(`releases ${what.join(" ")}: ${refused ?? "done"}`);
    clock.count(`champion: ${what[0]}, ${refused ?? "done"}`);
  });
}

/** Removes what nothing needs, beside everything else. */
export function collect(clock: Clock, product: Product, minutes: number): Promise<void> {
  // A run takes minutes, and needs what it has not named yet.
  const grace = `${Math.max(0.1, minutes / 240)}`;
  const refusals = {
    "a workflow did not say what it needs": /Nothing is removed/,
    "the server is away": REFUSALS["the server is away"]!,
  };
  return clock.every(
    "gc",
    () => 75_000,
    async () => {
      const outcome = await product.run("gc", "--apply", "--keep", "3", "--grace", grace, "--json");
      const refused = refusal(outcome, refusals);
      const { removals, retired } = refused
        ? { removals: [], retired: [] }
        : (JSON.parse(outcome.stdout) as { removals: unknown[]; retired: unknown[] });
      clock.log(`gc: ${refused ?? `${removals.length} removed, ${retired.length} releases retired`}`);
      clock.count(`gc: ${refused ?? "done"}`);
      for (const _ of retired) clock.count("gc: releases retired");
    },
  );
}

/** The schedule that re-trains when the docs change. It pauses after a failed run, and is resumed. */
export async function schedule(clock: Clock, product: Product): Promise<void> {
  const made = await product.run("schedule", "create", ...product.trainingOptions, "--every", "2m", "--json");
  if (made.code !== 0) throw new Error(`schedule create: ${made.stderr}`);
  const away = { "the server is away": REFUSALS["the server is away"]! };
  await clock.every(
    "schedule",
    () => 45_000,
    async () => {
      const outcome = await product.run("schedule", "list", "--json");
      if (refusal(outcome, away)) return;
      const { schedules } = JSON.parse(outcome.stdout) as { schedules: { paused: boolean; note: string | null }[] };
      if (!schedules[0]) return clock.fail("the schedule is gone");
      if (!schedules[0].paused) return;
      clock.log(`schedule paused: ${schedules[0].note}`);
      clock.count("schedule: resumed after a failed run");
      refusal(await product.run("schedule", "resume", CORPUS, "--json"), away);
    },
  );
}
