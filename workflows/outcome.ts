import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { StageReport } from "../contracts/pipeline.ts";

/** Outcome of a stage: of one step, or of several combined. */
export type StageOutcome = Omit<StageReport, "name"> & { ref?: ArtifactRef };
