import { QUEUES } from "../../contracts/names.ts";
import { holdCorpus } from "../../workflows/corpusLock.ts";
import { cpu, light, summarised } from "../../workflows/pools.ts";
import { PipelineRun } from "../../workflows/progress.ts";

/** The pipeline with its first two stages exchanged: a careless change that breaks running workflows. */
export async function pipeline(raw: unknown): Promise<void> {
  const run = new PipelineRun(await summarised(light.parsePipelineInput, "check the input", raw));
  const { corpus } = run.input;
  await holdCorpus(corpus);
  const asked = { corpus, input: run.input };
  run.resolved(await run.on(QUEUES.cpu, cpu.checkSource, "resolve", asked));
  const mode = { force: false, cachedOnly: false };
  for (const role of ["embedder", "base"] as const)
    await run.on(QUEUES.cpu, cpu.storeModel, role, { corpus, role, mode });
  const ingest = { uri: "", sha256: "", bytes: 0 };
  const shard = { first: 0, last: 1, alone: true };
  await run.stage("embed", () =>
    run.on(QUEUES.cpu, cpu.embed, "embed", { corpus, embedder: ingest, ingest, ...shard, mode }),
  );
}
