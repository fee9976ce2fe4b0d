import { QUEUES, type QueueName } from "../../contracts/names.ts";
import { listed, refused, whole } from "../kinds.ts";
import { type Group, type Kind, type Reading, setting } from "../schema.ts";

/** Limits of one worker process. Defaults depend on the machine, or on the limits of the container. */
export interface Capacity {
  /** Concurrent heavy stages, each in a process that uses all cores. */
  stages: number;
  /** Concurrent activities of questions. */
  questions: number;
  /** Limit of waiting questions; further ones are refused. */
  waiting: number;
  /** Releases whose models and index stay loaded. */
  engines: number;
  /** JavaScript heap limit of one compute process, in MB. */
  heapMb: number;
  /** Workflows that stay in memory between tasks; others are replayed. */
  cachedWorkflows: number;
}

const MB = 2 ** 20;
const ENGINE_BYTES = 2 * 1024 * MB;
/** Memory of a cached workflow, and the share of memory for all of them. Compute processes need the rest. */
const WORKFLOW_BYTES = 2 * MB;
const WORKFLOW_SHARE = 1 / 8;

const STAGES = setting({
  name: "WINNOW_STAGES_AT_ONCE",
  kind: whole,
  default: "`1`",
  help: "Heavy stages that a worker runs at once. One stage takes all cores.",
  readBy: ["workers"],
  fallback: () => 1,
});

const QUESTIONS = setting({
  name: "WINNOW_QUESTIONS_AT_ONCE",
  kind: whole,
  default: "4 for each core, at most 32",
  help: "Activities of questions that a query worker runs at once.",
  readBy: ["workers"],
  fromMachine: true,
  fallback: ({ machine }) => Math.min(32, 4 * machine().cores),
});

const WAITING = setting({
  name: "WINNOW_QUESTIONS_WAITING",
  kind: whole,
  default: "`32`",
  help: "Questions that may wait for their turn in one query worker. One more is refused.",
  readBy: ["workers"],
  fallback: () => 32,
});

const ENGINES = setting({
  name: "WINNOW_ENGINES",
  kind: whole,
  default: "1 for each 2 GB of memory, at most 4",
  help: "Releases that a query worker keeps loaded.",
  readBy: ["workers"],
  fromMachine: true,
  fallback: ({ machine }) => Math.max(1, Math.min(4, Math.floor(machine().memoryBytes / ENGINE_BYTES))),
});

/** Half the memory is reserved for native libraries. */
const HEAP = setting({
  name: "WINNOW_HEAP_MB",
  kind: whole,
  default: "half the memory, divided among the stages at once, at least 256",
  help: "Largest JavaScript heap of one compute process, in MB.",
  readBy: ["workers"],
  fromMachine: true,
  fallback: ({ machine, get }) => Math.max(256, Math.floor(machine().memoryBytes / MB / 2 / get(STAGES))),
});

const CACHED_WORKFLOWS = setting({
  name: "WINNOW_CACHED_WORKFLOWS",
  kind: whole,
  default: "1 for each 2 MB in an eighth of the memory, from 10 to 1,000",
  help: "Workflows that a worker of the queue `winnow` keeps in memory between their tasks. Others are replayed.",
  readBy: ["workers"],
  fromMachine: true,
  fallback: ({ machine }) =>
    Math.max(10, Math.min(1000, Math.floor((machine().memoryBytes * WORKFLOW_SHARE) / WORKFLOW_BYTES))),
});

const queues: Kind<QueueName[]> = {
  type: "queues, separated by commas",
  parse: (given, name) =>
    listed(given, ",").map((part) => {
      const queue = Object.values(QUEUES).find((known) => known === part);
      if (queue) return queue;
      const all = Object.values(QUEUES).join(", ");
      throw refused(`${name} names ${JSON.stringify(part)}: give queues of ${all}, with commas`);
    }),
  show: (value) => value.join(","),
};

export const ON_DEMAND = setting({
  name: "WINNOW_POOLS_ON_DEMAND",
  kind: queues,
  default: "none",
  help: "Queues whose pool an autoscaler starts once a task waits there, such as `winnow-gpu`. A run waits for such a pool; for others it fails after a minute without workers.",
  readBy: ["workers"],
  fallback: () => [] as QueueName[],
});

export const CAPACITY: Group = {
  title: "Capacity",
  about: "How much one worker process takes on. Cores and memory are those of the container where it has limits.",
  settings: [STAGES, QUESTIONS, WAITING, ENGINES, HEAP, CACHED_WORKFLOWS, ON_DEMAND],
};

export function readCapacity({ get }: Reading): Capacity {
  return {
    stages: get(STAGES),
    questions: get(QUESTIONS),
    waiting: get(WAITING),
    engines: get(ENGINES),
    heapMb: get(HEAP),
    cachedWorkflows: get(CACHED_WORKFLOWS),
  };
}
