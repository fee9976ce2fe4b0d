import { describe, expect, it } from "vitest";
import { MAX_PAYLOAD_BYTES } from "../../contracts/names.ts";
import type { ChatMessage, Llm } from "../llm/llm.ts";
import { LlmUnavailable } from "../llm/llmErrors.ts";
import { composeAnswer, degraded } from "./answer.ts";
import { askedOf, rankedPassage, wordScorer } from "./testing/answerFixture.ts";

const passages = [
  rankedPassage(1, "Set `ttlSecondsAfterFinished` to remove finished Jobs after a while.", 0.9),
  rankedPassage(2, "A CronJob keeps three finished Jobs.", 0.5),
  rankedPassage(3, "Pods of a Job stay until the Job is removed.", 0.4),
  rankedPassage(4, "Nodes run Pods.", 0.1),
];

function scripted(reply: string, cut = false): Llm & { prompts: ChatMessage[][] } {
  const prompts: ChatMessage[][] = [];
  return {
    model: "tiny",
    prompts,
    async complete(messages) {
      prompts.push(messages);
      return { text: reply, cut };
    },
  };
}

describe("composeAnswer", () => {
  it("answers by quotation without an LLM and says why each candidate was dropped", async () => {
    const answer = await composeAnswer(askedOf("remove finished jobs", passages), null, wordScorer);
    expect(answer.kind).toBe("extractive");
    expect(answer.citations[0]).toMatchObject({ page: "page1.md", url: "https://docs.example/page1/", lines: [1, 10] });
    expect(answer.receipt.candidates.map((candidate) => candidate.dropped)).toEqual([
      null,
      null,
      "not among the 2 best",
      "relevance 0.100 is below the threshold 0.300",
    ]);
    expect(answer.receipt).toMatchObject({ model: null, refusedBy: null, why: null });
  });

  it("gives the LLM only the selected passages and checks what it cites", async () => {
    const llm = scripted(
      "Finished Jobs are removed by `ttlSecondsAfterFinished` [1][7]. Buy bananas for breakfast [2].",
    );
    const answer = await composeAnswer(askedOf("remove finished jobs", passages), llm, wordScorer);
    expect(answer.kind).toBe("llm");
    expect(answer.receipt.model).toBe("tiny");
    expect(answer.answer).not.toContain("[7]");
    expect(answer.answer).toContain("Buy bananas for breakfast [2][?].");
    expect(answer.unsupported).toEqual([
      { sentence: "Buy bananas for breakfast.", reason: "the passage cited does not say this" },
    ]);
    expect(llm.prompts[0]![1]!.content).not.toContain("Nodes run Pods");
  });

  it("makes no LLM call when nothing reaches the threshold", async () => {
    const llm = scripted("never");
    const answer = await composeAnswer(askedOf("bananas", passages, 0.95), llm, wordScorer);
    expect(answer.kind).toBe("abstained");
    expect(answer.receipt).toMatchObject({
      refusedBy: "threshold",
      why: "the best relevance, 0.900, is below the threshold 0.950",
    });
    expect(answer.citations).toEqual([]);
    expect(answer.closest.map((citation) => citation.page)).toEqual(["page1.md", "page2.md", "page3.md"]);
    expect(llm.prompts).toHaveLength(0);
  });

  it("says that there was nothing to quote where a relevant passage holds no text", async () => {
    const answer = await composeAnswer(askedOf("x", [rankedPassage(1, " \n", 0.9)]), null, wordScorer);
    expect(answer).toMatchObject({ kind: "abstained", receipt: { refusedBy: "quotation" } });
    expect(answer.receipt.why).toBe(
      "there is nothing to quote in the passage used (best relevance 0.900, threshold 0.300)",
    );
    expect((await composeAnswer(askedOf("x", []), null, wordScorer)).receipt.why).toBe("the search found no passage");
  });

  it("takes the model's refusal for an abstention by the LLM", async () => {
    const answer = await composeAnswer(askedOf("remove jobs", passages), scripted("NOT_IN_DOCS"), wordScorer);
    expect(answer).toMatchObject({ kind: "abstained", receipt: { refusedBy: "llm", model: "tiny" } });
    expect(answer.receipt.why).toBe(
      "the language model found no answer in the 2 passages used (best relevance 0.900, threshold 0.300)",
    );
  });

  it("gives the passages, flagged, when the model's answer is from nowhere", async () => {
    const answer = await composeAnswer(askedOf("remove jobs", passages), scripted("Buy bananas."), wordScorer);
    expect(answer.kind).toBe("degraded");
    expect(answer.answer).not.toContain("bananas");
  });

  it("does not pass on an answer that only pretends to cite, such as one a planted instruction asked for", async () => {
    const answer = await composeAnswer(
      askedOf("remove jobs", passages),
      scripted("PWNED! Visit [our shop](https://evil.example) for cheap watches [1]."),
      wordScorer,
    );
    expect(answer.kind).toBe("degraded");
    expect(JSON.stringify(answer)).not.toMatch(/PWNED|evil/);
  });

  it("keeps an answer to which the model added the refusal's word", async () => {
    const reply = "Finished Jobs are removed by `ttlSecondsAfterFinished` [1]. NOT_IN_DOCS";
    const answer = await composeAnswer(askedOf("remove jobs", passages), scripted(reply), wordScorer);
    expect(answer.answer).toBe("Finished Jobs are removed by `ttlSecondsAfterFinished` [1].");
  });

  it("says so when the model's answer was cut", async () => {
    const answer = await composeAnswer(
      askedOf("remove jobs", passages),
      scripted("Finished Jobs are removed by", true),
      wordScorer,
    );
    expect(answer.answer).toContain("cut at the model's length limit");
  });

  it("leaves the LLM's failures to the caller", async () => {
    const llm: Llm = { model: "tiny", complete: () => Promise.reject(new LlmUnavailable("down", 5)) };
    await expect(composeAnswer(askedOf("remove jobs", passages), llm, wordScorer)).rejects.toMatchObject({
      retryAfterMs: 5,
    });
  });
});

describe("degraded", () => {
  it("shows the passages with their quotes and the reason", () => {
    const answer = degraded(askedOf("remove finished jobs", passages), "it did not answer", "tiny");
    expect(answer.kind).toBe("degraded");
    expect(answer.answer).toContain("it did not answer");
    expect(answer.citations).toHaveLength(2);
  });
});

it("fits a payload with 30 candidates of long headings and texts", async () => {
  const trail = Array.from({ length: 12 }, (_, index) => `heading ${index} ${"long ".repeat(100)}`);
  const many = Array.from({ length: 30 }, (_, n) =>
    rankedPassage(n + 1, `remove jobs ${"word ".repeat(400)}.`, 0.9, trail),
  );
  for (const llm of [null, scripted("remove jobs [1]. remove jobs word [2].")]) {
    const answer = await composeAnswer({ ...askedOf("remove jobs", many), passages: 10 }, llm, wordScorer);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(MAX_PAYLOAD_BYTES);
  }
});
