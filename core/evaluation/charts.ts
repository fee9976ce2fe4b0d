import { CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { LadderRow, MetricName } from "../../contracts/evaluation.ts";
import type { ReliabilityBin } from "./reliability.ts";

use([CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

const INK = "#1d2733";
const FAINT = "#d8dee6";
export const COLORS = { hybrid: "#8592a3", reranked: "#0f766e", near: "#c2410c", offTopic: "#7c3aed" };
const AT_EDGE = { onZero: false };
const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

/** Dot plot of one metric, one line a ladder row, with its 95 % interval. Returns an SVG document. */
export function ladderChart(ladder: readonly LadderRow[], metric: MetricName, highlight: string): string {
  const rows = [...ladder].reverse();
  const data = rows.map((row, i) => {
    const { value, low, high } = row.metrics[metric];
    return [low, high, i, value, row.name === highlight ? 1 : 0];
  });
  return render(720, 60 + 34 * rows.length, {
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

/** Forecast against outcome in bins of P(relevant), the dot's size by the number of questions. Returns an SVG document. */
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
    legend: { top: 4, data: curves.map((c) => c.name), textStyle: { color: INK } },
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

/** Highest relevance of each question, one strip a kind of question, with the threshold. Returns an SVG document. */
export function relevanceStrips(
  strips: { name: string; color: string; values: readonly number[] }[],
  threshold: number,
): string {
  return render(420, 380, {
    grid: { left: 96, right: 20, top: 40, bottom: 46 },
    xAxis: axis({
      name: "highest P(relevant)",
      nameLocation: "middle",
      nameGap: 26,
      min: 0,
      max: 1,
      axisLine: AT_EDGE,
    }),
    yAxis: axis({
      min: -0.5,
      max: strips.length - 0.5,
      interval: 0.5,
      splitLine: { show: false },
      axisLabel: { color: INK, formatter: (y: number) => strips[y]?.name ?? "" },
    }),
    series: strips.map(({ name, color, values }, row) => ({
      type: "scatter",
      name,
      symbolSize: 7,
      itemStyle: { color, opacity: 0.45 },
      data: values.map((value, i) => [value, row + spread(i)]),
      markLine:
        row > 0
          ? undefined
          : {
              silent: true,
              symbol: "none",
              lineStyle: { color: INK, type: "solid", width: 1 },
              label: { formatter: `threshold ${threshold.toFixed(2)}`, color: INK },
              data: [{ xAxis: threshold }],
            },
    })),
  });
}

/** Golden-ratio jitter, -0.3..0.3: the same picture each time. */
function spread(i: number): number {
  return ((i * 0.618034) % 1) * 0.6 - 0.3;
}

/** An axis of numbers in the reports' style. */
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

/** Whisker from low to high, a dot at the value, and the value in figures. */
function drawInterval(_: unknown, api: RenderApi) {
  const row = api.value(2);
  const [low, high, point] = [0, 1, 3].map((d) => api.coord([api.value(d), row]));
  const color = api.value(4) === 1 ? COLORS.reranked : COLORS.hybrid;
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

/** An SVG document of a chart, as ECharts describes it. */
export function render(width: number, height: number, option: Record<string, unknown>): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: FONT }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
