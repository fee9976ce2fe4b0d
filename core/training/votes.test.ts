import { expect, test } from "vitest";
import type { PassageLabel } from "../../contracts/labels.ts";
import { sha256 } from "../base/canonical.ts";
import { countBy } from "../base/countBy.ts";
import { quietContext } from "../base/progress.ts";
import type { Question } from "../judging/question.ts";
import type { TrainingQuestion } from "./questions/question.ts";
import { smallCorpus } from "./testing/corpusFixture.ts";
import { type VotedParts, votedGroups, votesLine } from "./votes.ts";

const corpus = smallCorpus();
const DRAINING = "queues.md#Draining a queue";
const LOST = "workers.md#Lost workers";
const WORKERS = "workers.md#Workers";

const label = (verdict: "up" | "down", passage: string, question: string, more: Partial<PassageLabel> = {}) => ({
  ...{ vote: `vote on ${passage}`, question, verdict, passage, page: passage.split("#")[0]! },
  textDigest: sha256(corpus.passages.at(corpus.byId.get(passage)!)?.text ?? ""),
  ...more,
});

/** The questions that groups were built for. */
async function train(labels: PassageLabel[], more: Partial<VotedParts> = {}) {
  const built: TrainingQuestion[] = [];
  const parts: VotedParts = {
    ...{ corpus, judged: [], seed: 1, allowed: () => true },
    embedder: { dim: 1, embed: async ({ questions = [] }) => Float32Array.from(questions, () => 0) },
    builder: {
      build: async (question) => {
        built.push(question);
        return { question: question.text, passages: ["positive", "negative"] };
      },
    },
    ...more,
  };
  const { groups, labels: used } = await votedGroups(labels, parts, quietContext());
  return { groups, built, fates: used.map(({ fate }) => fate) };
}

test("each passage voted up is the positive of a group, and those voted down are its first negatives", async () => {
  const question = "how do I stop jobs from entering?";
  const { groups, built, fates } = await train([
    label("up", DRAINING, question),
    label("up", WORKERS, question),
    label("down", LOST, question),
  ]);
  expect(groups).toHaveLength(2);
  const at = (id: string) => corpus.byId.get(id)!;
  expect(built.map(({ position, related, opposed }) => [position, related, opposed])).toEqual([
    [at(DRAINING), [at(DRAINING), at(WORKERS)], [at(LOST)]],
    [at(WORKERS), [at(DRAINING), at(WORKERS)], [at(LOST)]],
  ]);
  expect(fates).toEqual(["trained", "trained", "trained"]);
});

test("a question that was typed in another case or with other spaces is the same question", async () => {
  const labels = [label("up", DRAINING, "How do I stop jobs?"), label("down", LOST, "how do I  stop JOBS? ")];
  const { groups, built, fates } = await train(labels);
  expect(groups.map(({ question }) => question)).toEqual(["How do I stop jobs?"]);
  expect(built[0]!.opposed).toEqual([corpus.byId.get(LOST)]);
  expect(fates).toEqual(["trained", "trained"]);
});

test("a passage that is gone or has another text is no label, and neither is a held-out one", async () => {
  const labels = [
    label("up", DRAINING, "a", { passage: "queues.md#Renamed" }),
    label("up", DRAINING, "b", { textDigest: sha256("the text of last year") }),
    label("up", LOST, "c"),
  ];
  const { groups, fates } = await train(labels, { allowed: (page) => page !== "workers.md" });
  expect(groups).toEqual([]);
  expect(fates).toEqual(["gone", "gone", "held out"]);
});

test("a question that is judged is never trained on, in whatever case it was asked", async () => {
  const judged: Question[] = [
    { id: "q1", query: "what happens to jobs of lost workers?", kind: "concept", relevant: [], mustPass: false },
  ];
  const labels = [
    label("up", LOST, "What happens to JOBS of lost workers"),
    label("up", DRAINING, "how do I stop jobs from entering?"),
  ];
  const { groups, fates } = await train(labels, { judged });
  expect(groups.map(({ question }) => question)).toEqual(["how do I stop jobs from entering?"]);
  expect(fates).toEqual(["judged", "trained"]);
});

test("a down-vote alone teaches no order, and a positive without any other passage neither", async () => {
  expect((await train([label("down", LOST, "a")])).fates).toEqual(["no positive"]);
  const alone = await train([label("up", LOST, "a")], { builder: { build: async () => null } });
  expect(alone.fates).toEqual(["no negative"]);
});

test("the fates are counted for people", () => {
  const fates = ["trained", "gone", "trained", "judged"] as const;
  expect(votesLine(countBy(fates, (fate) => fate))).toEqual({
    trained: "2 of 4 voted passages (1 gone, 1 judged)",
    untrained: "0 of 4 voted passages (nothing trained)",
  });
  expect(votesLine({ trained: 1 }).trained).toBe("1 of 1 voted passages");
});
