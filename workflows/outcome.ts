import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { StageReport } from "../contracts/pipeline.ts";

/** What every stage tells: the outcome of one step, or of several taken together. */
export type StageOutcome = Omit<StageReport, "name"> & { ref?: ArtifactRef };
