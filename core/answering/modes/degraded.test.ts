import { expect, it } from "vitest";
import { askedOf, jobPassages, toolsOf, unsureOf } from "../testing/answerFixture.ts";
import { answerBy } from "./index.ts";

it("shows the passages with their quotes and the reason", async () => {
  const tools = { ...toolsOf(), failure: "it did not answer" };
  const answer = await answerBy("degraded", askedOf("remove finished jobs", jobPassages), tools);
  expect(answer.kind).toBe("degraded");
  expect(answer.answer).toContain("it did not answer");
  expect(answer.citations).toHaveLength(2);
});

it("says where the release is not sure that the docs answer", async () => {
  const tools = { ...toolsOf(), failure: "it did not answer" };
  const { answer, receipt } = await answerBy("degraded", unsureOf("remove finished jobs", jobPassages), tools);
  expect(answer).toMatch(
    /^No answer by the language model: it did not answer\. The docs may not answer this question\./,
  );
  expect(receipt.why).toContain("lies between 0.3");
});
