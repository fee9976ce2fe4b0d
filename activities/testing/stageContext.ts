import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { StageContext } from "../../core/stages/stage.ts";
import { stateFolder } from "../../core/upkeep/testing/homeFixture.ts";

/** A stage context over a new state folder, with the compute processes that the test passes. */
export function contextOver(compute: StageContext["compute"], more: Partial<StageContext> = {}) {
  const state = stateFolder();
  const { home, store, steps, releases } = state;
  const model = join(home, "model");
  mkdirSync(model);
  const context: StageContext = {
    ...{
      home,
      root: home,
      gitEnv: {},
      sites: { origins: [], pauseMs: 1, maxPages: 100 },
      store,
      steps,
      releases,
      vectors: null,
      llm: null,
      labels: async () => [],
      compute,
    },
    models: { embedder: model, base: model },
    code: { ingest: "1", embed: "1", train: "1", evaluate: "1", scores: "1" },
    ...more,
  };
  return { ...state, context };
}
