import { describe, expect, it, test } from "vitest";
import { localAnswer, pageTask, questionOf, textOf } from "./pageTask.ts";

const task = (wish: string, format: string) =>
  `### Task:\n${wish}\n### Output:\nJSON format: ${format}\n### Chat History:\n<chat_history>\nUSER: How do I drain a node without losing pods?\nASSISTANT: kubectl drain\n</chat_history>`;
const TITLE = task("Generate a concise, 3-5 word title with an emoji.", '{ "title": "your concise title here" }');

describe("a chat page's own tasks", () => {
  it.each([
    ["title", TITLE, '{"title":"How do I drain a node…"}'],
    ["tags", task("Generate 1-3 broad tags.", '{ "tags": ["tag1", "tag2"] }'), '{"tags":["General"]}'],
    ["follow_ups", task("Suggest 3-5 follow-ups.", '{ "follow_ups": ["Question 1?"] }'), '{"follow_ups":[]}'],
    ["queries", task("Analyze the chat history.", '{ "queries": ["query1"] }'), '{"queries":[]}'],
    ["text", task("You are an autocompletion system.", '{ "text": "..." }'), '{"text":""}'],
  ] as const)("%s is recognised, and answered without an LLM", (name, prompt, answer) => {
    expect(pageTask(prompt)).toBe(name);
    expect(localAnswer(name, prompt)).toBe(answer);
  });

  it.each(["How do I drain a node?", '### Task: what does { "kind": "Job" } do?', "Generate a title for this", ""])(
    "%j is a question",
    (prompt) => {
      expect(pageTask(prompt)).toBeNull();
    },
  );

  it("is told by its instructions, not by what they quote", () => {
    const quoting =
      '### Task:\nRespond to the query.\n<context>\n{"text": "hello"}\n</context>\nhow do I post a message?';
    expect(pageTask(quoting)).toBeNull();
    expect(pageTask(TITLE.replace("kubectl drain", '{"tags": []}'))).toBe("title");
    const tags = task("Generate tags.", '{ "tags": ["tag1"] }').replace("kubectl drain", '{"title": "x"}');
    expect(pageTask(tags)).toBe("tags");
  });

  it("gets a title even for an empty history", () => {
    expect(localAnswer("title", "### Task:\n<chat_history></chat_history>")).toBe(
      '{"title":"Question about the docs"}',
    );
  });
});

test("a question is found in what a page puts around it", () => {
  const context = "### Task:\nRespond to the user query using the provided context.\n<context>\ndrain me\n</context>\n";
  expect(questionOf(`${context}\nhow do I drain a node?`)).toBe("how do I drain a node?");
  expect(questionOf(`${context}<user_query>\nwhat is a pod?\n</user_query>`)).toBe("what is a pod?");
  expect(questionOf(" what is a pod? ")).toBe("what is a pod?");
});

test("the text of a message is that of its parts; pictures have none", () => {
  const picture = { type: "image_url", image_url: { url: "data:" } };
  const content = [{ type: "text", text: "what is" }, picture, { type: "text", text: "a pod?" }];
  expect(textOf({ role: "user", content })).toBe("what is\na pod?");
  expect(textOf({ role: "user", content: null })).toBe("");
});

test.each([
  ["tags that never close", `### Task:\n${"<user_query>".repeat(300_000)}`],
  ["blank lines", `### Task:\n{ "title": "a" }<chat_history>${"\n".repeat(3_000_000)}`],
  ["braces", `### Task:\n${"{ ".repeat(1_500_000)}`],
])("a prompt of megabytes of %s is read in one pass", (_, prompt) => {
  expect(questionOf(prompt)).not.toBe("");
  expect(localAnswer("title", prompt)).toBe('{"title":"Question about the docs"}');
  expect(["title", null]).toContain(pageTask(prompt));
});
