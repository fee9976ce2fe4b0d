import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkflowHandle } from "@temporalio/client";
import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rootCause } from "../../client/outcome.ts";
import { corpusLockId, QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineProgress } from "../../contracts/pipeline.ts";
import { startTestServer } from "../server.ts";
import { RELEASE, stage, untilCancelled, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
writeFileSync(join(docs, "index.md"), "# Docs\n");
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

function start(input: unknown, id = workflowId("pipeline")) {
  return env.client.workflow.start(WORKFLOWS.pipeline, { workflowId: id, taskQueue: QUEUES.main, args: [input] });
}

async function failureOf(handle: WorkflowHandle): Promise<Error> {
  return rootCause(await handle.result().catch((thrown) => thrown)) as Error;
}

describe("control", () => {
  test("a cancelled run ends as cancelled and releases its lock", async () => {
    const corpus = workflowId("corpus");
    const play = stage({ during: { train: untilCancelled } });
    await withWorkers(env, play, async () => {
      const handle = await start({ docs: { path: docs, name: corpus } });
      await expect.poll(() => play.calls, { timeout: 60_000 }).toContain("train");
      const began = Date.now();
      await handle.cancel();
      expect(await failureOf(handle)).toBeInstanceOf(CancelledFailure);
      expect(Date.now() - began).toBeLessThan(5000);
      const lock = await env.client.workflow.getHandle(corpusLockId(corpus)).describe();
      expect(lock.status.name).toBe("COMPLETED");
    });
  });

  test("a run whose stage fails after its cancellation, as when its worker died, ends as cancelled too", async () => {
    const failing = async () => {
      await untilCancelled().catch(() => {});
      throw ApplicationFailure.nonRetryable("the worker is gone");
    };
    const play = stage({ during: { train: failing } });
    await withWorkers(env, play, async () => {
      const handle = await start({ docs: { path: docs, name: workflowId("corpus") } });
      await expect.poll(() => play.calls, { timeout: 60_000 }).toContain("train");
      await handle.cancel();
      expect(await failureOf(handle)).toBeInstanceOf(CancelledFailure);
      expect((await handle.describe()).status.name).toBe("CANCELLED");
    });
  });

  test("pauses between stages and resumes on a signal; progress shows the stage", async () => {
    let finish = () => {};
    const held = new Promise<void>((settle) => (finish = settle));
    const play = stage({ during: { ingest: () => held } });
    await withWorkers(env, play, async () => {
      const handle = await start({ docs: { path: docs, name: workflowId("corpus") }, until: "embed" });
      await expect.poll(() => play.calls).toContain("ingest");
      await handle.signal("pause");
      finish();
      const progress = () => handle.query<PipelineProgress>("progress");
      await expect.poll(async () => (await progress()).stage).toBe("embed");
      await new Promise((settle) => setTimeout(settle, 500));
      expect(play.calls).toEqual(["ingest"]);
      expect((await progress()).stages.map(({ name }) => name)).toEqual(["ingest"]);
      await handle.signal("resume");
      expect(await handle.result()).toMatchObject({ status: "completed" });
    });
  });

  test("is found by typed search attributes, and shows its stages in the details", async () => {
    const corpus = workflowId("corpus");
    await withWorkers(env, stage(), async () => {
      const handle = await start({ docs: { path: docs, name: corpus } });
      await handle.result();
      const { searchAttributes } = await handle.describe();
      expect(searchAttributes).toMatchObject({
        WinnowCorpus: [corpus],
        WinnowStage: ["deploy"],
        WinnowOutcome: ["promoted"],
        WinnowRelease: [RELEASE],
        WinnowNdcg: [0.5],
      });
      const { currentDetails } = await handle.query<{ currentDetails: string }>("__temporal_workflow_metadata");
      expect(currentDetails.split("\n").slice(-8)).toEqual([
        "| ingest | done | 1.0 | ingest done (first run) |",
        "| embed | done | 1.0 | embed done (first run) |",
        "| build-index | done | 1.0 | buildIndex done (first run) |",
        "| train | done | 2.0 | prepareTraining done; train done (first run) |",
        "| evaluate | done | 1.0 | evaluate done (first run) |",
        expect.stringMatching(
          /^\| deploy \| done \| [0-9.]+ \| release .* promoted: first release \(a candidate to decide on\) \|$/,
        ),
        "",
        "Report: `report.html`",
      ]);
    });
  });

  test("every activity has a short summary", async () => {
    const corpus = workflowId("corpus");
    await withWorkers(env, stage(), async () => {
      const handle = await start({ docs: { path: docs, name: corpus } });
      await handle.result();
      const { events } = await handle.fetchHistory();
      const said = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: activity, userMetadata }) => {
        const summary = userMetadata?.summary?.data;
        return activity
          ? [[activity.activityType?.name, summary ? JSON.parse(Buffer.from(summary).toString()) : null]]
          : [];
      });
      expect(said).toEqual([
        ["parsePipelineInput", "check the input"],
        ["checkSource", expect.stringMatching(/^resolve /)],
        ["storeModel", "store the embedder"],
        ["storeModel", "store the base"],
        ["ingest", expect.stringMatching(/^read /)],
        ["compareDocs", "page diff"],
        ["embed", "embed passages 1 to 25 of 25"],
        ["buildIndex", "FAISS and BM25"],
        ["planFirst", "does a measured release serve?"],
        ["planTraining", "decide whether to train"],
        ...said.slice(10, -4),
        ["evaluate", expect.any(String)],
        ["decideRelease", "the gate decides"],
        ["promote", `${RELEASE} serves ${corpus} from now on`],
        ["recordRun", "remember the run"],
      ]);
      expect(said.filter(([, summary]) => !summary)).toEqual([]);
    });
  });
});
