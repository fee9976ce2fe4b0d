import type { Passage } from "../../../contracts/passage.ts";
import type { LinkRecord } from "../../docs/links.ts";
import { type TrainingCorpus, trainingCorpus } from "../trainingCorpus.ts";

/** A passage for tests; its id is its page and heading. */
export function docPassage(page: string, heading: string[], text: string): Passage {
  return { id: `${page}#${heading.at(-1)}`, page, heading, url: `/${page}`, lines: [1, 2], text };
}

export function docLink(
  from: Passage,
  sentence: string,
  anchor: string,
  to: Passage,
  targetHeading: string | null,
): LinkRecord {
  return {
    page: from.page,
    heading: from.heading,
    passageId: from.id,
    sentence,
    anchor,
    targetPage: to.page,
    targetHeading,
    targetAnchor: null,
  };
}

const FILLER =
  "The controller compares the wanted state with the one it finds and acts on the difference until both agree. " +
  "Every change is written to the log of the control plane, where an operator can read it later on.";

/** Three pages about a made-up scheduler. */
export function smallCorpus(): TrainingCorpus {
  const passages = [
    docPassage("queues.md", ["Queues"], `A queue is an ordered list of jobs that wait for a free worker. ${FILLER}`),
    docPassage(
      "queues.md",
      ["Queues", "Draining a queue"],
      `To stop new jobs from entering a busy queue, set the field \`closed\` of the queue. ${FILLER}`,
    ),
    docPassage("queues.md", ["Queues", "What's next"], "Read about workers."),
    docPassage("workers.md", ["Workers"], `Workers take jobs from a queue and run them one by one. ${FILLER}`),
    docPassage(
      "workers.md",
      ["Workers", "Lost workers"],
      `If a worker loses its connection to the control plane, its jobs return to the queue after ninety seconds. ${FILLER}`,
    ),
    docPassage(
      "priorities.md",
      ["Job priorities", "Limitations"],
      `Priorities above one thousand are reserved for system jobs of the cluster operator. ${FILLER}`,
    ),
  ];
  const links = [
    docLink(
      passages[3]!,
      "For more information about jobs that lose their worker, see the section.",
      "the section",
      passages[4]!,
      "Lost workers",
    ),
    docLink(
      passages[0]!,
      "For details on urgent job ordering, see priorities.",
      "priorities",
      passages[5]!,
      "Limitations",
    ),
  ];
  return trainingCorpus(passages, links);
}
