/**
 * How well retrieval finds the wanted passage of the last question of a conversation:
 *   npm run bench:dialogues -- --docs sample=samples/docs --docs prometheus=FOLDER --switches samples/questions.jsonl
 * Every dialogue of `dialogues.jsonl` has two turns and one section that answers the second. `--switches` names a judged
 * question set about the first docs: each of its questions is asked after the one before it, as a change of subject.
 * Retrieval as served without a reranker; vectors are cached in WINNOW_HOME.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { table } from "../../cli/table.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import { isFollowUp, standalone } from "../../core/answering/followUp.ts";
import { readJsonLines } from "../../core/base/jsonl.ts";
import { bootstrapDifference } from "../../core/judging/bootstrap.ts";
import { isAnswerable } from "../../core/judging/question.ts";
import { loadQuestionSet } from "../../core/judging/questionSet.ts";
import { createJudge, isRelevant } from "../../core/judging/relevance.ts";
import { openEmbedder } from "../../core/models/families/index.ts";
import { embedderDir } from "../../core/models/locate.ts";
import type { Retriever } from "../../core/retrieval/retriever.ts";
import { openDocs } from "../scoredSets.ts";

type Turns = [before: string, last: string];
interface Dialogue {
  id: string;
  docs: string;
  part: "design" | "held out" | "confirm";
  turns: Turns;
  wanted: { page: string; heading: string };
}
/** A conversation and the positions of the passages that answer its last question. */
interface Conversation {
  id: string;
  part: string;
  turns: Turns;
  wanted: (position: number) => boolean;
}

const DEPTH = 30;
const ALONE = "last turn alone";
const WAYS: Record<string, (turns: Turns) => string> = {
  [ALONE]: ([, last]) => last,
  "both turns": ([before, last]) => `${before} ${last}`,
  "both turns, if the last points back": ([before, last]) => (isFollowUp(last) ? `${before} ${last}` : last),
  "the words left out, if it points back": standalone,
};
const PARTS = ["design", "held out", "confirm", "held out and confirm", "change of subject"];

const { values: options } = parseArgs({
  options: {
    docs: { type: "string", multiple: true, default: [] },
    switches: { type: "string" },
    design: { type: "boolean", default: false },
  },
});
const dialogues = await readJsonLines<Dialogue>(fileURLToPath(new URL("dialogues.jsonl", import.meta.url)));
const config = readCliConfig(process.env);
const modelDir = embedderDir(config.cache);
const embedder = await openEmbedder(modelDir);
/** By part and way: 1 / rank of the first wanted passage of each conversation, 0 where it is not among `DEPTH`. */
const found = new Map<string, number[]>();

function dialoguesAbout(docs: string, { passages }: Retriever): Conversation[] {
  return dialogues
    .filter((dialogue) => dialogue.docs === docs)
    .map(({ id, part, turns, wanted: { page, heading } }) => {
      const wanted = (position: number) => {
        const passage = passages.at(position)!;
        const steps = passage.heading.map((step) => step.replaceAll("`", ""));
        return passage.page.endsWith(page) && steps.includes(heading);
      };
      if (!Array.from(passages.values()).some((_, position) => wanted(position)))
        throw new Error(`${id}: no passage of ${page}, ${heading}`);
      return { id, part, turns, wanted };
    });
}

async function switchesIn(file: string, { passages }: Retriever): Promise<Conversation[]> {
  const judge = createJudge([...passages.values()]);
  const questions = (await loadQuestionSet(file)).filter(isAnswerable);
  return questions.map((question, at) => {
    const { judgments } = judge.resolve(question);
    const turns: Turns = [questions.at(at - 1)!.query, question.query];
    return { id: question.id, part: "change of subject", turns, wanted: (position) => isRelevant(judgments, position) };
  });
}

async function measure({ id, part, turns, wanted }: Conversation, retriever: Retriever): Promise<void> {
  for (const [way, questionOf] of Object.entries(WAYS)) {
    const question = questionOf(turns);
    const at = (await retriever.retrieve(question, DEPTH)).findIndex(({ position }) => wanted(position));
    const score = at < 0 ? 0 : 1 / (at + 1);
    for (const name of part === "held out" || part === "confirm" ? [part, "held out and confirm"] : [part])
      found.set(`${name}/${way}`, [...(found.get(`${name}/${way}`) ?? []), score]);
    if (options.design && part === "design") console.log(`${id}\t${way}\t${at + 1}\t${question}`);
  }
}

for (const [at, spec] of options.docs.entries()) {
  const [name = "", source = ""] = spec.split("=");
  const folder = await mkdtemp(join(tmpdir(), "winnow-dialogues-"));
  const { retriever } = await openDocs(source, folder, { embedder, modelDir, home: config.home });
  const switches = at === 0 && options.switches ? await switchesIn(options.switches, retriever) : [];
  for (const conversation of [...dialoguesAbout(name, retriever), ...switches]) await measure(conversation, retriever);
  retriever.close();
  await rm(folder, { recursive: true });
}

function rowOf(part: string, way: string): string[] {
  const own = found.get(`${part}/${way}`) ?? [];
  const within = (k: number) => `${own.filter((score) => score >= 1 / k).length}/${own.length}`;
  const mean = own.reduce((sum, score) => sum + score, 0) / own.length;
  const gain = bootstrapDifference(own, found.get(`${part}/${ALONE}`) ?? []);
  const interval = way === ALONE ? "" : [gain.value, gain.low, gain.high].map((x) => x.toFixed(3)).join(", ");
  return [part, way, within(1), within(5), within(10), mean.toFixed(3), interval];
}

const rows = PARTS.filter((part) => found.has(`${part}/${ALONE}`)).flatMap((part) =>
  Object.keys(WAYS).map((way) => rowOf(part, way)),
);
console.log(table(["part", "asked", "first", "in 5", "in 10", "mean 1/rank", "gain, low, high"], rows));
await embedder.close();
