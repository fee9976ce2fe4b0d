import { WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineProgress } from "../../contracts/pipeline.ts";
import { openStorage } from "../../core/artifacts/openStorage.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";
import { findStack } from "../stack.ts";
import { connectClient } from "../temporal.ts";

interface RunningPipeline {
  workflowId: string;
  stage: string | null;
  since: string;
}

/** What serves, what runs, and where to look. */
export async function statusCommand(config: CliConfig, io: Io): Promise<void> {
  const stack = await findStack(config);
  const address = config.temporalAddress ?? stack?.address ?? null;
  const running = address ? await runningPipelines(config, address) : [];
  const waiting = address ? await waitingApprovals(config, address) : [];
  const releases = await (await openStorage(config.home, config.artifacts)).releases.list();
  const champions = releases.filter((release) => release.champion);
  const status = {
    home: config.home,
    temporal: address,
    ui: stack?.uiUrl ?? null,
    llm: config.llm,
    running,
    waiting,
    champions,
  };
  io.result(status, () =>
    [
      `Home      ${config.home}`,
      address ? `Temporal  ${address}` : "Temporal  not running here: `npx winnow up` starts it",
      ...(stack?.uiUrl ? [`Web UI    ${stack.uiUrl}`] : []),
      `LLM       ${config.llm ? `${config.llm.model} at ${config.llm.baseUrl}` : "none: answers are quoted from the docs"}`,
      ...running.map((run) => `Running   ${run.workflowId}: ${run.stage ?? "starting"}, since ${run.since}`),
      ...waiting.map((id) => `Waiting   ${id}: for \`npx winnow releases approve ${id}\`, or reject`),
      ...champions.map(
        (release) =>
          `Serving   ${release.corpus}: release ${release.id} of ${release.createdAt.slice(0, 16)}, ranking ${release.ranking}, nDCG@10 ${release.ndcg?.toFixed(3) ?? "n/a"}`,
      ),
      ...(champions.length === 0 ? ["Serving   nothing yet"] : []),
    ].join("\n"),
  );
}

/** Workflows in which a candidate waits for a person. */
async function waitingApprovals(config: CliConfig, address: string): Promise<string[]> {
  const client = await connectClient(address, config.namespace);
  const found: string[] = [];
  const query = `WorkflowType = "${WORKFLOWS.approval}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of client.workflow.list({ query })) found.push(workflowId);
  await client.connection.close();
  return found;
}

async function runningPipelines(config: CliConfig, address: string): Promise<RunningPipeline[]> {
  const client = await connectClient(address, config.namespace);
  const found: RunningPipeline[] = [];
  const query = `WorkflowType = "${WORKFLOWS.pipeline}" AND ExecutionStatus = "Running"`;
  for await (const execution of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(execution.workflowId);
    const progress = await handle.query<PipelineProgress>("progress").catch(() => null);
    found.push({
      workflowId: execution.workflowId,
      stage: progress?.stage ?? null,
      since: execution.startTime.toISOString(),
    });
  }
  await client.connection.close();
  return found;
}
