import { askView } from "./ask/askView.tsx";
import type { View } from "./view.ts";

/** All views, in the order of the navigation. To add one, write a folder and a row. */
export const VIEWS: readonly View[] = [askView];
