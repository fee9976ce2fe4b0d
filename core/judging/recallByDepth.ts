import { ROWS, type RowName } from "../../contracts/ladderRows.ts";
import { mean } from "../base/statistics.ts";
import type { LadderRun } from "./ladder.ts";
import { recallAt } from "./metrics.ts";

/** Mean recall of one ladder row by depth. */
export interface RecallCurve {
  name: RowName;
  /** Share of judgments among the first 1, 2, ... passages, 0..1, averaged over the answerable questions. */
  at: number[];
}

/** Rows with a recall curve: retrieval's, and the served order. */
const SHOWN: readonly RowName[] = [ROWS.bm25, ROWS.dense, ROWS.rrf, ROWS.retrieval, ROWS.served];

/** @param depth maximum number of passages in a ranking */
export function recallByDepth(runs: readonly LadderRun[], depth: number): RecallCurve[] {
  return runs
    .filter(({ name }) => SHOWN.includes(name))
    .map(({ name, ranks }) => ({
      name,
      at: Array.from({ length: depth }, (_, i) => mean(ranks.map((judgments) => recallAt(i + 1, judgments)))),
    }));
}
