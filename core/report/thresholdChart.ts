import type { Limits } from "../../contracts/passage.ts";
import { axis, COLORS, legend, render } from "./charts.ts";

/** Rates of the two errors at a threshold; null if no question could have that error. */
export interface ErrorRates {
  threshold: number;
  falseAnswerRate: number | null;
  falseRefusalRate: number | null;
}

/**
 * Share of false answers and of false refusals by threshold on P(relevant), with the limits that serve as lines:
 * questions below the lower are refused, those from the upper on answered. Returns an SVG document.
 */
export function thresholdChart(rates: readonly ErrorRates[], { refuse, answer }: Limits): string {
  const curves = [
    { name: "false answers", color: COLORS.near, value: (at: ErrorRates) => at.falseAnswerRate },
    { name: "false refusals", color: COLORS.offTopic, value: (at: ErrorRates) => at.falseRefusalRate },
  ].filter(({ value }) => rates.some((at) => value(at) !== null));
  const line = {
    silent: true,
    symbol: "none",
    lineStyle: { color: COLORS.reranked, type: "solid", width: 1.5 },
    label: { color: COLORS.reranked },
    data: [
      { xAxis: refuse, label: { formatter: `refuses ${refuse.toFixed(2)}`, align: "right" } },
      { xAxis: answer, label: { formatter: `answers ${answer.toFixed(2)}`, align: "left" } },
    ],
  };
  return render(420, 380, {
    grid: { left: 56, right: 30, top: 58, bottom: 46 },
    legend: legend(curves.map(({ name }) => name)),
    xAxis: axis({ name: "threshold on P(relevant)", nameLocation: "middle", nameGap: 26, min: 0, max: 1 }),
    yAxis: axis({ name: "share of questions", nameLocation: "middle", nameGap: 36, min: 0, max: 1 }),
    series: curves.map(({ name, color, value }, at) => ({
      type: "line",
      name,
      data: rates.map((each) => [each.threshold, value(each)]),
      symbol: "none",
      itemStyle: { color },
      lineStyle: { color, width: 2 },
      markLine: at === 0 ? line : undefined,
    })),
  });
}
