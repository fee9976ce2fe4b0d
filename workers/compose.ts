import { join } from "node:path";
import type { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";
import { createAskActivities } from "../activities/ask.ts";
import { createChampionActivities } from "../activities/champion.ts";
import { createChangesActivities } from "../activities/changes.ts";
import { createDeployActivities } from "../activities/deploy.ts";
import { createFirstReleaseActivities } from "../activities/firstRelease.ts";
import { createLightActivities } from "../activities/light.ts";
import { createRetrainActivities } from "../activities/retrain.ts";
import { createStageActivities } from "../activities/runStage.ts";
import { createShardPlans } from "../activities/shardPlans.ts";
import { createSourceActivities } from "../activities/source.ts";
import type { WorkerConfig } from "../config/workerConfig.ts";
import { QUEUES, type QueueName } from "../contracts/names.ts";
import { openInstalledModels } from "../core/models/installed.ts";
import { answerKeeper } from "../core/records/answerKeeper.ts";
import { openAnswerRecords } from "../core/records/answers.ts";
import { acceptedLabels } from "../core/records/labels.ts";
import { Votes } from "../core/records/votes.ts";
import { engineOptions } from "../core/serving/engineOptions.ts";
import { createEnginePool } from "../core/serving/enginePool.ts";
import { createTurns } from "../core/serving/turns.ts";
import { readCodeVersions } from "../core/stages/index.ts";
import { openService } from "../core/stages/services.ts";
import type { StageContext } from "../core/stages/stage.ts";
import { runTask, type TaskName } from "../core/stages/tasks.ts";
import { openStorage } from "../core/storage/openStorage.ts";
import { releaseFolders } from "../core/storage/releaseFolders.ts";
import type { Releases } from "../core/storage/releases.ts";
import { bucketUrl } from "../core/storage/s3/bucketUrl.ts";
import { parseFailpoints } from "./failpoints.ts";
import type { OpenedLlm } from "./llm.ts";
import { findModels } from "./models.ts";
import { temporalFacts } from "./temporalFacts.ts";
import { keepWarm } from "./warmUp.ts";

/** Drafts this old belong to a dead worker. */
const ABANDONED_MS = 3 * 24 * 3600 * 1000;

/** Polling interval for a change of champion. Polling a bucket costs requests. */
const LOOK_MS = { folder: 2000, bucket: 15_000 };

/** Below the limit of a question's activity, so that a hung engine is replaced before the question's next attempt. */
const ANSWER_WITHIN_MS = 110_000;

/** Concurrent turns at the engines: one computes while another does its other work. */
const TURNS_AT_ONCE = 2;

/** Activities of every task queue over one state folder, and the function that ends their processes. */
export interface Composition {
  activities: Record<QueueName, object>;
  releases: Releases;
  /** Removes leftovers of dead writers. In a shared bucket, only the pool that writes most does so. */
  sweep: (where: "here" | "everywhere") => Promise<number>;
  close(): Promise<void>;
}

export async function compose(
  config: WorkerConfig,
  { connection, llm, log }: { connection: NativeConnection; llm: OpenedLlm; log: Logger },
  /** Module of the compute processes' tasks and services; default: `core/stages/tasks.ts` and `services.ts`. */
  tasks?: string,
): Promise<Composition> {
  const { threads, provider, capacity, computeEnv, root, vectors, stateLimits } = config;
  const { policy, ...access } = config.sources;
  const computing = { threads, provider, vectors, stateLimits, memory: capacity.heapMb, env: computeEnv };
  const native = { ...computing, tasks, warn: (text: string) => log.warn(text) };
  const failpoint = parseFailpoints(config.failpoint);
  const { store, releases, steps, records } = await openStorage(config.home, config.artifacts, failpoint);
  const models = findModels(config.cache);
  const votes = new Votes(records, config.payloadKeys);
  const stages: StageContext = {
    ...{ home: config.home, root, ...access, store, steps, releases, models, vectors },
    code: await readCodeVersions(config.root),
    llm: llm.questions,
    labels: (corpus) => acceptedLabels(votes, corpus),
    compute: (task, args, pulse) => runTask(task as TaskName, args as never, { ...pulse, ...native }),
  };
  const engines = createEnginePool(async (release) => {
    const args = engineOptions(release, await releaseFolders(store, release));
    return openService("engine", args, { ...native, answerWithinMs: ANSWER_WITHIN_MS });
  }, capacity.engines);
  const stopWarming = keepWarm({ releases, engines }, config.artifacts ? LOOK_MS.bucket : LOOK_MS.folder);
  const turns = createTurns({ atOnce: TURNS_AT_ONCE, waiting: capacity.waiting });
  const answers = openAnswerRecords(records, config.payloadKeys);
  const keeper = answerKeeper(answers, { texts: config.keepQuestions });
  const temporal = temporalFacts(connection, config.temporal.namespace);
  return {
    activities: {
      [QUEUES.main]: {
        ...createLightActivities({
          releases,
          installed: openInstalledModels(records),
          temporal,
          root,
          sources: policy,
          hasLlm: llm.questions !== null,
          onDemand: config.onDemand,
        }),
        ...createDeployActivities({ releases, artifacts: artifactsOf(config) }),
        ...createFirstReleaseActivities({ releases }),
        ...createChampionActivities({ releases, store, temporal }),
      },
      [QUEUES.cpu]: {
        ...createStageActivities(QUEUES.cpu, stages),
        ...createShardPlans(stages),
        ...createSourceActivities(stages),
        ...createChangesActivities(stages),
        ...createRetrainActivities(stages),
      },
      [QUEUES.gpu]: createStageActivities(QUEUES.gpu, stages),
      [QUEUES.query]: createAskActivities({ releases, engines, llm: llm.answers, turns, keeper }),
    },
    releases,
    sweep: (where) => store.sweep(ABANDONED_MS, where),
    async close() {
      stopWarming();
      await keeper.close();
      await engines.close();
    },
  };
}

/** Location of the artifacts, as a path or URL for people. */
function artifactsOf({ home, artifacts }: WorkerConfig): string {
  return artifacts ? bucketUrl(artifacts, "artifacts") : join(home, "artifacts");
}
