import { expect, it } from "vitest";
import { askedOf, jobPassages, rankedPassage, toolsOf, unsureOf } from "../testing/answerFixture.ts";
import { answerBy } from "./index.ts";

const quoted = (...asked: Parameters<typeof askedOf>) => answerBy("quotation", askedOf(...asked), toolsOf());

it("answers by quotation and reports why each candidate was dropped", async () => {
  const answer = await quoted("remove finished jobs", jobPassages);
  expect(answer.kind).toBe("extractive");
  expect(answer.citations[0]).toMatchObject({ page: "page1.md", url: "https://docs.example/page1/", lines: [2, 10] });
  expect(answer.receipt.candidates.map((candidate) => candidate.dropped)).toEqual([
    null,
    null,
    "not among the 2 best",
    "relevance 0.100 is below the threshold 0.300",
  ]);
  expect(answer.receipt).toMatchObject({ model: null, refusedBy: null, why: null });
});

it("reports that there was nothing to quote if a relevant passage has no text", async () => {
  const answer = await quoted("x", [rankedPassage(1, " \n", 0.9)]);
  expect(answer).toMatchObject({ kind: "abstained", receipt: { refusedBy: "quotation" } });
  expect(answer.receipt.why).toBe(
    "there is nothing to quote in the passage used (best relevance 0.900, threshold 0.300)",
  );
  expect((await quoted("x", [])).receipt.why).toBe("the search found no passage");
});

it("quotes the closest match and says that it may not answer, where the release is not sure", async () => {
  const result = await answerBy("quotation", unsureOf("remove finished jobs", jobPassages), toolsOf());
  expect(result.kind).toBe("unsure");
  expect(result.answer).toMatch(
    /^The docs may not answer this question\. The closest match:\n\n.*ttlSecondsAfterFinished/s,
  );
  expect(result.citations[0]).toMatchObject({ page: "page1.md" });
  expect(result.receipt).toMatchObject({
    refusedBy: null,
    why: "the best relevance, 0.900, lies between 0.300, below which a question is refused, and 0.950, from which it is answered",
  });
});
