import { CustomChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { LadderRow, MetricName } from "../../contracts/evaluation.ts";
import type { ReliabilityBin } from "../judging/reliability.ts";
import { ladderSize } from "./ladderSize.ts";

use([CustomChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

const INK = "#1d2733";
const FAINT = "#d8dee6";
export const COLORS = { retrieval: "#8592a3", reranked: "#0f766e", near: "#c2410c", offTopic: "#7c3aed" };
const AT_EDGE = { onZero: false };
const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

/** Dot plot of one metric with its 95 % interval, one line per ladder row. Returns an SVG document. */
export function ladderChart(ladder: readonly LadderRow[], metric: MetricName, highlight: string): string {
  const rows = [...ladder].reverse();
  const data = rows.map((row, i) => {
    const { value, low, high } = row.metrics[metric];
    return [low, high, i, value, row.name === highlight ? 1 : 0];
  });
  return render(...ladderSize(rows.length), {
    grid: { left: 150, right: 70, top: 10, bottom: 34 },
    xAxis: axis({ name: metric, nameLocation: "middle", nameGap: 24, scale: true, min: floorTenth(data) }),
    yAxis: {
      type: "category",
      data: rows.map((row) => row.name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: INK, fontSize: 13 },
    },
    series: [{ type: "custom", data, encode: { x: [0, 1, 3], y: 2 }, renderItem: drawInterval }],
  });
}

/**
 * Forecast against outcome in bins of P(relevant); the dot's size is the number of questions. Returns an SVG document.
 */
export function reliabilityChart(curves: { name: string; color: string; bins: readonly ReliabilityBin[] }[]): string {
  const diagonal = {
    type: "line",
    data: [
      [0, 0],
      [1, 1],
    ],
    symbol: "none",
    silent: true,
    lineStyle: { color: FAINT, type: "dashed" },
  };
  return render(420, 380, {
    grid: { left: 56, right: 20, top: 40, bottom: 46 },
    legend: legend(curves.map(({ name }) => name)),
    xAxis: axis({ name: "predicted P(relevant)", nameLocation: "middle", nameGap: 26, min: 0, max: 1 }),
    yAxis: axis({ name: "share relevant", nameLocation: "middle", nameGap: 36, min: 0, max: 1 }),
    series: [
      diagonal,
      ...curves.map(({ name, color, bins }) => ({
        type: "line",
        name,
        data: bins.map((bin) => ({ value: [bin.predicted, bin.observed], symbolSize: 5 + Math.sqrt(bin.n) * 2 })),
        symbol: "circle",
        itemStyle: { color, opacity: 0.85 },
        lineStyle: { color, width: 1.5 },
      })),
    ],
  });
}

const BINS = 20;

/**
 * Histogram of the questions' highest relevance, stacked by kind of question, with the threshold. Returns an SVG
 * document.
 */
export function relevanceHistogram(
  kinds: { name: string; color: string; values: readonly number[] }[],
  threshold: number,
): string {
  const counts = kinds.map(({ values }) => binned(values));
  const bars = counts.map((own, kind) =>
    own.flatMap((count, bin) => {
      const below = counts.slice(0, kind).reduce((sum, other) => sum + other[bin]!, 0);
      return count === 0 ? [] : [[bin / BINS, (bin + 1) / BINS, below, below + count]];
    }),
  );
  const line = {
    silent: true,
    symbol: "none",
    lineStyle: { color: INK, type: "solid", width: 1 },
    label: { formatter: `threshold ${threshold.toFixed(2)}`, color: INK },
    data: [{ xAxis: threshold }],
  };
  return render(420, 380, {
    grid: { left: 56, right: 20, top: 58, bottom: 46 },
    legend: legend(kinds.map(({ name }) => name)),
    xAxis: axis({
      name: "highest P(relevant)",
      nameLocation: "middle",
      nameGap: 26,
      min: 0,
      max: 1,
      axisLine: AT_EDGE,
    }),
    yAxis: axis({ name: "questions", nameLocation: "middle", nameGap: 36, min: 0, minInterval: 1 }),
    series: kinds.map(({ name, color }, kind) => ({
      type: "custom",
      name,
      itemStyle: { color },
      data: bars[kind],
      encode: { x: [0, 1], y: [2, 3] },
      renderItem: drawBar(color),
      markLine: kind === 0 ? line : undefined,
    })),
  });
}

/** The number of values, each 0..1, in each bin. */
function binned(values: readonly number[]): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor(value * BINS))]! += 1;
  return counts;
}

/**
 * A legend in the reports' style. It is widely spaced: without a DOM, widths of text are estimates, slightly too small.
 */
export function legend(names: string[]): Record<string, unknown> {
  return { top: 4, itemGap: 26, data: names, textStyle: { color: INK } };
}

/** A numeric axis in the reports' style. */
export function axis(options: Record<string, unknown>) {
  return {
    type: "value",
    axisLabel: { color: INK },
    nameTextStyle: { color: INK },
    splitLine: { lineStyle: { color: FAINT } },
    ...options,
  };
}

function floorTenth(data: number[][]): number {
  return Math.max(0, Math.floor(Math.min(...data.map((row) => row[0]!)) * 10) / 10);
}

interface RenderApi {
  value(dimension: number): number;
  coord(point: [number, number]): [number, number];
}

/** Draws a whisker from low to high, a dot at the value, and the value as text. */
function drawInterval(_: unknown, api: RenderApi) {
  const row = api.value(2);
  const [low, high, point] = [0, 1, 3].map((d) => api.coord([api.value(d), row]));
  const color = api.value(4) === 1 ? COLORS.reranked : COLORS.retrieval;
  return {
    type: "group",
    children: [
      {
        type: "line",
        shape: { x1: low![0], y1: low![1], x2: high![0], y2: high![1] },
        style: { stroke: color, lineWidth: 3, opacity: 0.4 },
      },
      { type: "circle", shape: { cx: point![0], cy: point![1], r: 6 }, style: { fill: color } },
      {
        type: "text",
        style: {
          text: api.value(3).toFixed(3),
          x: high![0] + 10,
          y: high![1],
          verticalAlign: "middle",
          fill: INK,
          font: `12px ${FONT}`,
        },
      },
    ],
  };
}

function drawBar(fill: string) {
  return (_: unknown, api: RenderApi) => {
    const [left, top] = api.coord([api.value(0), api.value(3)]);
    const [right, bottom] = api.coord([api.value(1), api.value(2)]);
    const shape = { x: left + 0.5, y: top, width: right - left - 1, height: bottom - top };
    return { type: "rect", shape, style: { fill, opacity: 0.85 } };
  };
}

/** Renders an ECharts option to an SVG document. */
export function render(width: number, height: number, option: Record<string, unknown>): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: FONT }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
