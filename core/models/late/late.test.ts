import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { Precision } from "../../../contracts/evaluation.ts";
import { withExactProducts } from "../../onnx/exactProducts.ts";
import { readModel } from "../../onnx/read.ts";
import { createSession, type Tensor } from "../../onnx/runtime.ts";
import type { ModelProto } from "../../onnx/schema.ts";
import { writeModel } from "../../onnx/write.ts";
import { type EncodedText, encoderFeeds } from "../batches.ts";
import { openCrossEncoder } from "../crossEncoder.ts";
import { modelFile } from "../onnxFiles.ts";
import { writeTinyModel } from "../testing/tinyModel.ts";
import { openTokenizer } from "../tokenizer.ts";
import { addTwin, writeUntrained } from "../untrained.ts";
import { type KeptStates, StatesInMemory } from "./keptStates.ts";
import { layersApart } from "./layersApart.ts";
import { splitModel } from "./splitModel.ts";
import { bytesOf, packStates, viewsOf } from "./tokenStates.ts";

const QUESTIONS = ["a job", "what is the red pod", "how do i create a service in a container one two"];
const PASSAGES = ["the pod runs a container in a node", "red", "how do i create a job", "", "blue service"];
const HIDDEN = 32;
const PLENTY = 2 ** 20;

/** Counts what is computed. */
class Counted extends StatesInMemory {
  computed = 0;
  override keep(...args: Parameters<KeptStates["keep"]>): void {
    this.computed++;
    super.keep(...args);
  }
}

async function run(model: ModelProto, feeds: Record<string, Tensor>): Promise<Float32Array> {
  const session = await createSession(writeModel(model), { threads: 1 });
  const needed = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
  const outputs = await session.run(Object.fromEntries(needed));
  await session.close();
  return outputs[session.outputNames[0]!]!.data as Float32Array;
}

describe("late joint reranking", () => {
  let dir: string;
  beforeAll(async () => {
    const base = await mkdtemp(join(tmpdir(), "winnow-late-base-"));
    dir = await mkdtemp(join(tmpdir(), "winnow-late-"));
    await writeTinyModel(base);
    await writeUntrained(base, dir, PASSAGES);
    await addTwin(dir);
  });

  /** Logits of the whole model, and of both parts where question and passage were read alone. */
  async function bothWays(precision: Precision): Promise<[whole: number[], parts: number[]]> {
    const file = modelFile(dir, precision);
    const read = readModel(await readFile(file), file);
    const model = precision === "int8" ? await withExactProducts(read) : read;
    const split = splitModel(model, await layersApart(dir))!;
    const tokenizer = await openTokenizer(dir);
    const [whole, parts]: [number[], number[]] = [[], []];
    for (const question of QUESTIONS) {
      for (const passage of PASSAGES) {
        const pair = tokenizer.encodePair(question, passage, 64);
        const start = pair.typeIds.indexOf(1);
        const halves: EncodedText[] = [
          { ids: pair.ids.slice(0, start) },
          { ids: pair.ids.slice(start), typeIds: pair.typeIds.slice(start) },
        ];
        const states: number[] = [];
        for (const half of halves) states.push(...(await run(split.lower, encoderFeeds([half]))));
        const data = Float32Array.from(states);
        const joined: Tensor = { type: "float32", dims: [pair.ids.length, HIDDEN], data };
        whole.push((await run(model, encoderFeeds([pair])))[0]!);
        parts.push((await run(split.joint, { ...encoderFeeds([pair]), [split.states]: joined }))[0]!);
      }
    }
    return [whole, parts];
  }

  it.each(["float32", "int8"] as const)(
    "the parts of the %s model give the whole model's logits",
    async (precision) => {
      const [whole, parts] = await bothWays(precision);
      expect(new Set(whole.map((logit) => logit.toFixed(3))).size).toBeGreaterThan(10);
      parts.forEach((logit, at) => {
        expect(Math.abs(logit - whole[at]!)).toBeLessThan(1e-5);
      });
    },
  );

  it("logits from packed states are nearly those of the whole model, whatever is kept", async () => {
    const whole = await openCrossEncoder(dir, { threads: 1 });
    const kept = await openCrossEncoder(dir, { threads: 1, states: new StatesInMemory(PLENTY) });
    const dropped = await openCrossEncoder(dir, { threads: 1, states: new StatesInMemory(0) });
    for (const question of [...QUESTIONS, ...QUESTIONS]) {
      const logits = await kept.score(question, PASSAGES);
      expect(logits).toEqual(await dropped.score(question, PASSAGES));
      const exact = await whole.score(question, PASSAGES);
      logits.forEach((logit, at) => {
        expect(Math.abs(logit - exact[at]!)).toBeLessThan(0.1);
      });
      expect(await kept.score(question, [PASSAGES[2]!])).toEqual([expect.closeTo(logits[2]!, 5)]);
    }
    expect(await kept.score("a job", [])).toEqual([]);
    for (const reranker of [whole, kept, dropped]) await reranker.close();
  });

  it("computes a passage once for all questions and rerankers with the same lower layers", async () => {
    const states = new Counted(PLENTY);
    const [first, second] = [
      await openCrossEncoder(dir, { threads: 1, states }),
      await openCrossEncoder(dir, { threads: 1, states }),
    ];
    await first.score(QUESTIONS[0]!, ["red", "red", "blue"]);
    expect(states.computed).toBe(2);
    await second.score(QUESTIONS[1]!, ["blue", "red", "green"]);
    expect(states.computed).toBe(3);

    const other = await mkdtemp(join(tmpdir(), "winnow-late-other-"));
    await writeTinyModel(other, 2);
    const otherDir = await mkdtemp(join(tmpdir(), "winnow-late-other-"));
    await writeUntrained(other, otherDir, null);
    const third = await openCrossEncoder(otherDir, { threads: 1, states });
    await third.score(QUESTIONS[0]!, ["red"]);
    expect(states.computed).toBe(4);
    for (const reranker of [first, second, third]) await reranker.close();
  });

  it("a passage cut by a long question has states of its own", async () => {
    const states = new Counted(PLENTY);
    const options = { threads: 1, maxTokens: 12 };
    const late = await openCrossEncoder(dir, { ...options, states });
    const long = "the pod runs a node in the red container";
    await late.score("a job", [long]);
    const [cut] = await late.score("how do i create a job", [long]);
    expect(states.computed).toBe(2);
    const whole = await openCrossEncoder(dir, options);
    expect(Math.abs(cut! - (await whole.score("how do i create a job", [long]))[0]!)).toBeLessThan(0.1);
    for (const reranker of [late, whole]) await reranker.close();
  });
});

describe("packed states", () => {
  it("round each token by its own largest value; a token of zeros stays zero", () => {
    const states = Float32Array.of(127, -63.5, 1, 0, 0, 0, 0.5, 0.25, -0.5);
    const { scales, values } = viewsOf(packStates(states, 3, 3), 3);
    expect([...scales]).toEqual([1, 0, Math.fround(0.5 / 127)]);
    expect([...values]).toEqual([127, -63, 1, 0, 0, 0, 127, 64, -127]);
  });
});

describe("states in memory", () => {
  const states = (tokens: number) => new Uint8Array(bytesOf(tokens, 4));
  const bytes = bytesOf(1, 4);

  it("drop the least recently used beyond their limit", () => {
    const kept = new StatesInMemory(2 * bytes);
    for (const text of ["a", "b"]) kept.keep("layers", text, states(1));
    expect(kept.find("layers", "a", bytes)).not.toBeNull();
    kept.keep("layers", "c", states(1));
    expect(["a", "b", "c"].map((text) => kept.find("layers", text, bytes) !== null)).toEqual([true, false, true]);
    kept.keep("layers", "d", states(3));
    expect(["a", "c", "d"].map((text) => kept.find("layers", text, bytes))).toEqual([null, null, null]);
  });

  it("are of one model's layers and of one size", () => {
    const kept = new StatesInMemory(PLENTY);
    kept.keep("layers", "a", states(2));
    expect(kept.find("other", "a", bytesOf(2, 4))).toBeNull();
    expect(kept.find("layers", "a", bytes)).toBeNull();
    expect(kept.find("layers", "a", bytesOf(2, 4))).not.toBeNull();
  });

  it("leaves a model whole that divides the pair by its separator, with the same logits", async () => {
    const base = fileURLToPath(new URL("../families/bert/fixtures/embedders/distilbert", import.meta.url));
    const whole = await mkdtemp(join(tmpdir(), "winnow-late-separator-"));
    await writeUntrained(base, whole, PASSAGES);
    const file = modelFile(whole, "float32");
    const apart = await layersApart(whole);
    expect(apart).toBeGreaterThan(0);
    expect(splitModel(readModel(await readFile(file), file), apart)).toBeNull();
    const scores: number[][] = [];
    for (const states of [undefined, new StatesInMemory(PLENTY)]) {
      const reranker = await openCrossEncoder(whole, { threads: 1, states });
      scores.push(await reranker.score(QUESTIONS[1]!, PASSAGES));
      await reranker.close();
    }
    expect(scores[1]).toEqual(scores[0]);
  });
});
