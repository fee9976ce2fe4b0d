import type { ReleaseDetails } from "../../../client/releaseDetails.ts";
import { HttpFailure } from "../../failure.ts";
import type { View } from "../view.ts";

const CHARTS = ["ladder", "reliability", "thresholds"] as const;
export type ChartName = (typeof CHARTS)[number];

/** Address of a release's chart. */
export function chartPath(release: string, chart: ChartName): string {
  return `/releases/${release}/${chart}.svg`;
}

/** Pictures of a release's evaluation. A release never changes, so a browser may keep them for a day. */
export const chartView: View = {
  path: `/releases/:id/:chart{(?:${CHARTS.join("|")})\\.svg}`,
  title: "Chart",
  async render(c, { desk }) {
    const release = await desk.release(c.req.param("id")!);
    const svg = await chartOf(release, c.req.param("chart")!.replace(/\.svg$/, "") as ChartName);
    if (svg === null) throw new HttpFailure(404, "NotFound", `release ${release.id} has no such chart`);
    return c.body(svg, 200, { "Content-Type": "image/svg+xml", "Cache-Control": "private, max-age=86400" });
  },
};

/**
 * Null if the release is not measured. ECharts is loaded with the first chart: it takes tens of megabytes, and most
 * processes of the API draw none.
 */
async function chartOf({ manifest, curves }: ReleaseDetails, chart: ChartName): Promise<string | null> {
  const { COLORS, ladderChart, reliabilityChart } = await import("../../../core/report/charts.ts");
  if (chart === "ladder") {
    const ladder = manifest.evaluation?.ladder ?? [];
    const served = manifest.ranking === "reranked" ? ladder.at(-1)?.name : "retrieval";
    return ladder.length === 0 ? null : ladderChart(ladder, "ndcg@10", served ?? "");
  }
  if (curves === null) return null;
  if (chart === "thresholds") {
    const { thresholdChart } = await import("../../../core/report/thresholdChart.ts");
    return thresholdChart(curves.rates, curves.limits);
  }
  return reliabilityChart(curves.reliability.map(({ ranking: name, bins }) => ({ name, color: COLORS[name], bins })));
}
