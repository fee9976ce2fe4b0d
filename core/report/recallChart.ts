import { ROWS, type RowName } from "../../contracts/ladderRows.ts";
import type { RecallCurve } from "../judging/recallByDepth.ts";
import { axis, COLORS, legend, render } from "./charts.ts";

const LINES: Partial<Record<RowName, string>> = {
  [ROWS.bm25]: COLORS.near,
  [ROWS.dense]: COLORS.offTopic,
  [ROWS.rrf]: "#2563eb",
  [ROWS.retrieval]: COLORS.retrieval,
  [ROWS.served]: COLORS.reranked,
};

/** Recall against depth, one line per row; the serving row is bold. Returns an SVG document. */
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
      lineStyle: { color: LINES[name], width: name === serves ? 3 : 1.5 },
      itemStyle: { color: LINES[name] },
    })),
  });
}
