import { afterAll, beforeAll, expect, it } from "vitest";
import type { AskResult } from "../../../contracts/ask.ts";
import { MAX_PAYLOAD_BYTES } from "../../../contracts/names.ts";
import { type Llm, openLlm } from "../../llm/llm.ts";
import { ScriptedLlm, says } from "../../llm/testing/scriptedLlm.ts";
import { askedOf, jobPassages, toolsOf, unsureOf } from "../testing/answerFixture.ts";
import { answerBy } from "./index.ts";

const server = new ScriptedLlm();
let llm: Llm;
beforeAll(async () => {
  llm = openLlm({ baseUrl: await server.listen(), model: "tiny" });
});
afterAll(() => server.end());

function answer(question: string, reply: string, finish?: "length"): Promise<AskResult> {
  server.play(says(reply, finish));
  return answerBy("llm", askedOf(question, jobPassages), toolsOf(llm));
}

it("sends the LLM only the selected passages and checks its citations", async () => {
  const result = await answer(
    "remove finished jobs",
    "Finished Jobs are removed by `ttlSecondsAfterFinished` [1][7]. Buy bananas for breakfast [2].",
  );
  expect(result.kind).toBe("llm");
  expect(result.receipt.model).toBe("tiny");
  expect(result.answer).not.toContain("[7]");
  expect(result.answer).toContain("Buy bananas for breakfast [2][?].");
  expect(result.unsupported).toEqual([
    { sentence: "Buy bananas for breakfast.", reason: "the passage cited does not say this" },
  ]);
  expect(server.calls[0]!.body).toContain("keeps three finished Jobs");
  expect(server.calls[0]!.body).not.toContain("Nodes run Pods");
});

it("treats the model's refusal as an abstention by the LLM", async () => {
  const result = await answer("remove jobs", "NOT_IN_DOCS");
  expect(result).toMatchObject({ kind: "abstained", receipt: { refusedBy: "llm", model: "tiny" } });
  expect(result.receipt.why).toBe(
    "the language model found no answer in the 2 passages used (best relevance 0.900, threshold 0.300)",
  );
});

it("returns the passages, marked as no answer, if the model's answer has no source", async () => {
  const result = await answer("remove jobs", "Buy bananas.");
  expect(result.kind).toBe("degraded");
  expect(result.answer).not.toContain("bananas");
});

it("withholds an answer that only pretends to cite, such as one a planted instruction asked for", async () => {
  const result = await answer("remove jobs", "PWNED! Visit [our shop](https://evil.example) for cheap watches [1].");
  expect(result.kind).toBe("degraded");
  expect(JSON.stringify(result)).not.toMatch(/PWNED|evil/);
});

it("keeps an answer to which the model appended the refusal's word", async () => {
  const result = await answer("remove jobs", "Finished Jobs are removed by `ttlSecondsAfterFinished` [1]. NOT_IN_DOCS");
  expect(result.answer).toBe("Finished Jobs are removed by `ttlSecondsAfterFinished` [1].");
});

it("reports that the model's answer was cut", async () => {
  const result = await answer("remove jobs", "Finished Jobs are removed by", "length");
  expect(result.answer).toContain("cut at the model's length limit");
});

it("closes the code in which the model's answer was cut, so that the notice is no code", async () => {
  const said = "Finished Jobs are removed by `ttlSecondsAfterFinished` [1]:\n\n```yaml\nttlSecondsAfterFinished: 1";
  const result = await answer("remove jobs", said, "length");
  expect(result.answer).toMatch(/```\n\n\(The answer was cut at the model's length limit\.\)$/);
});

it("cuts an answer of 175 KB and says so; the result fits a payload, in any script", async () => {
  const sentence = "Finished Jobs are removed by `ttlSecondsAfterFinished`. [1] ";
  const result = await answer("remove jobs", sentence.repeat(3000));
  expect(result).toMatchObject({
    kind: "llm",
    answer: expect.stringMatching(/cut: it is longer than an answer may be/),
  });
  for (const filler of ["ポッドを削除する。", "🦀 is \u0001 ", '"\\" and "\\" ', "Buy bananas. "]) {
    const wide = await answer("remove jobs", (sentence.repeat(100) + filler.repeat(20_000)).slice(0, 190_000));
    expect(["llm", "degraded"]).toContain(wide.kind);
    expect(Buffer.byteLength(JSON.stringify(wide))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
  }
});

it("withholds an answer whose links cannot be taken out", async () => {
  const result = await answer("remove jobs", `Finished Jobs are removed [1]. ${"[".repeat(150_000)}`);
  expect(result).toMatchObject({ kind: "degraded", answer: expect.stringContaining("cannot be taken out safely") });
});

it.each([
  ['{"suffices": true}', "llm", 2],
  ['I think: {"suffices" : false}.', "abstained", 1],
  ["NOT_IN_DOCS", "unsure", 1],
])("judges first whether the passages suffice where the release is not sure: %s", async (verdict, kind, calls) => {
  server.play(says(verdict), says("Finished Jobs are removed by `ttlSecondsAfterFinished` [1]."));
  const result = await answerBy("llm", unsureOf("remove finished jobs", jobPassages), toolsOf(llm));
  expect(result.kind).toBe(kind);
  expect(server.calls).toHaveLength(calls);
  if (kind === "abstained") expect(result.receipt.refusedBy).toBe("llm");
});
