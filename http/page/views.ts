import { askView } from "./ask/askView.tsx";
import { healthView } from "./docsHealth/healthView.tsx";
import { receiptView } from "./receipt/receiptView.tsx";
import { chartView } from "./releases/chartView.ts";
import { releasesView } from "./releases/releasesView.tsx";
import { releaseView } from "./releases/releaseView.tsx";
import { runsView } from "./runs/runsView.tsx";
import { runView } from "./runs/runView.tsx";
import type { View } from "./view.ts";

/** All views, in the order of the navigation. To add one, write a folder and a row. */
export const VIEWS: readonly View[] = [
  askView,
  receiptView,
  ...[releasesView, chartView, releaseView],
  ...[runsView, runView],
  healthView,
];
