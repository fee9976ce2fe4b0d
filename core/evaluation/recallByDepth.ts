import { axis, COLORS, legend, render } from "./charts.ts";
import { type LadderRun, ROWS, type RowName } from "./ladder.ts";
import { recallAt } from "./metrics.ts";
import { mean } from "./twinLimits.ts";

/** Mean recall of one ladder row by depth. */
export interface RecallCurve {
  name: RowName;
  /** Share of judgments among the first 1, 2, ... passages, 0..1, averaged over the answerable questions. */
  at: number[];
}

/** Rows whose depth is worth seeing, by colour: what is retrieved, and the order served. */
const SHOWN: Partial<Record<RowName, string>> = {
  [ROWS.bm25]: COLORS.near,
  [ROWS.dense]: COLORS.offTopic,
  [ROWS.rrf]: "#2563eb",
  [ROWS.hybrid]: COLORS.hybrid,
  [ROWS.calibrated]: COLORS.reranked,
};

/** @param depth passages a ranking has, at most */
export function recallByDepth(runs: readonly LadderRun[], depth: number): RecallCurve[] {
  return runs
    .filter(({ name }) => SHOWN[name])
    .map(({ name, ranks }) => ({
      name,
      at: Array.from({ length: depth }, (_, i) => mean(ranks.map((judgments) => recallAt(i + 1, judgments)))),
    }));
}

/** Recall against depth, a line a row; the row that serves is bold. Returns an SVG document. */
export function recallChart(curves: readonly RecallCurve[], serves: RowName): string {
  const label = (name: RowName) => (name === serves ? `${name} (serves)` : name);
  return render(720, 340, {
    grid: { left: 60, right: 20, top: 40, bottom: 46 },
    legend: legend(curves.map(({ name }) => label(name))),
    xAxis: axis({ name: "passages", nameLocation: "middle", nameGap: 26, min: 1, max: curves[0]?.at.length ?? 1 }),
    yAxis: axis({ name: "recall", nameLocation: "middle", nameGap: 36, scale: true, max: 1 }),
    series: curves.map(({ name, at }) => ({
      name: label(name),
      type: "line",
      symbol: "none",
      data: at.map((recall, i) => [i + 1, recall]),
      lineStyle: { color: SHOWN[name], width: name === serves ? 3 : 1.5 },
      itemStyle: { color: SHOWN[name] },
    })),
  });
}
