import { expect, it } from "vitest";
import { askedOf, jobPassages, toolsOf } from "../testing/answerFixture.ts";
import { answerBy } from "./index.ts";

it("shows the passages with their quotes and the reason", async () => {
  const tools = { ...toolsOf(), failure: "it did not answer" };
  const answer = await answerBy("degraded", askedOf("remove finished jobs", jobPassages), tools);
  expect(answer.kind).toBe("degraded");
  expect(answer.answer).toContain("it did not answer");
  expect(answer.citations).toHaveLength(2);
});
