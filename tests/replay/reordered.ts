import { QUEUES } from "../../contracts/names.ts";
import { holdCorpus } from "../../workflows/corpusLock.ts";
import { cpu, light, onPool } from "../../workflows/pools.ts";
import { PipelineRun } from "../../workflows/run.ts";

/** The pipeline with its first two stages exchanged: what a careless change would do to running workflows. */
export async function pipeline(raw: unknown): Promise<void> {
  const run = new PipelineRun(await light.parsePipelineInput(raw));
  await holdCorpus(run.input.corpus);
  const { corpus } = run.input;
  await run.checkSource((input) =>
    onPool(QUEUES.cpu, cpu.checkSource, `resolve ${input.docs.path}`, { corpus, input }),
  );
  const mode = { force: false, cachedOnly: false };
  const ingest = { uri: "", sha256: "", bytes: 0 };
  await run.stage("embed", () => onPool(QUEUES.cpu, cpu.embed, "embed", { corpus, ingest, first: 0, last: 1, mode }));
}
