import { axis, COLORS, legend, render } from "./charts.ts";

/** Loss and validation of a training. */
export interface TrainingCurve {
  losses: { step: number; loss: number }[];
  /** nDCG@10 on the validation groups. */
  validation: { step: number; ndcg: number }[];
  /** A sentence that describes the training data. */
  data?: string;
}

/** Width of the running mean of the loss, as a share of all steps. */
const SMOOTHED_SHARE = 0.05;

/** Training loss (each step faint, its running mean bold) and validation nDCG@10 by step. Returns an SVG document. */
export function trainingChart({ losses, validation }: TrainingCurve): string {
  const loss = { name: "training loss", type: "line", symbol: "none" };
  return render(720, 300, {
    grid: { left: 60, right: 60, top: 40, bottom: 46 },
    legend: legend([loss.name, NDCG]),
    xAxis: axis({ name: "step", nameLocation: "middle", nameGap: 26, max: losses.at(-1)?.step ?? 1 }),
    yAxis: [
      axis({ name: loss.name, nameLocation: "middle", nameGap: 40, scale: true }),
      axis({ name: NDCG, nameLocation: "middle", nameGap: 40, scale: true, splitLine: { show: false } }),
    ],
    series: [
      {
        ...loss,
        name: "each step",
        data: pointsOf(losses),
        lineStyle: { color: COLORS.retrieval, width: 1, opacity: 0.35 },
      },
      {
        ...loss,
        data: pointsOf(smoothed(losses)),
        lineStyle: { color: COLORS.retrieval },
        itemStyle: { color: COLORS.retrieval },
      },
      {
        name: NDCG,
        type: "line",
        yAxisIndex: 1,
        symbolSize: 8,
        data: validation.map(({ step, ndcg }) => [step, ndcg]),
        lineStyle: { color: COLORS.reranked },
        itemStyle: { color: COLORS.reranked },
      },
    ],
  });
}

const NDCG = "validation nDCG@10";

function pointsOf(losses: TrainingCurve["losses"]): [number, number][] {
  return losses.map(({ step, loss }) => [step, loss]);
}

/** The running mean of the loss, over the steps up to each one. */
function smoothed(losses: TrainingCurve["losses"]): TrainingCurve["losses"] {
  const width = Math.max(1, Math.round(losses.length * SMOOTHED_SHARE));
  return losses.map(({ step }, i) => {
    const window = losses.slice(Math.max(0, i + 1 - width), i + 1);
    return { step, loss: window.reduce((sum, entry) => sum + entry.loss, 0) / window.length };
  });
}
