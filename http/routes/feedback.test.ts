import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, citation } from "../testing/answers.ts";
import { type LocalServer, localServer } from "../testing/localDoors.ts";

let server: LocalServer;
beforeAll(async () => {
  server = await localServer();
  const answer = answerOf("They are detached [1].", [citation("Jobs", "https://docs.test/jobs")]);
  server.stored = async (id) => (id === "ask-1" ? answer : id === "ask-2" ? "running" : null);
});
afterAll(() => server.end());

const vote = (body: object) => server.post("/v1/feedback", body);

test("a vote on an answer and one on a passage are recorded, with what they were on", async () => {
  const response = await vote({ answer: "ask-1", vote: "up" });
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({
    answer: "ask-1",
    vote: "up",
    passage: null,
    cited: ["p1"],
    kind: "llm",
  });
  const onPassage = await vote({ answer: "ask-1", vote: "down", passage: "p1", comment: "  wrong version " });
  const reply = await onPassage.text();
  expect(JSON.parse(reply)).toMatchObject({
    ...{ passage: "p1", corpus: "docs", release: "r1" },
    place: { page: "page.md", heading: ["Jobs"], url: "https://docs.test/jobs" },
  });
  const listed = await server.app.request("/v1/asks/ask-1/votes", { headers: { host: "localhost" } });
  const list = await listed.text();
  // Whoever has the answer's id reads them.
  for (const text of [reply, list])
    for (const secret of ["comment", "wrong version", "questionDigest", "voter"]) expect(text).not.toContain(secret);
  const { votes } = JSON.parse(list) as { votes: object[] };
  expect(votes).toMatchObject([
    { vote: "up", state: "undecided" },
    { vote: "down", state: "undecided" },
  ]);
});

test.each([
  [{ answer: "ask-none", vote: "up" }, 404, "UnknownAnswer", "there is no answer ask-none"],
  [{ answer: "ask-2", vote: "up" }, 400, "BadInput", "ask-2 is not answered yet"],
  [{ answer: "ask-1", vote: "up", passage: "p9" }, 400, "BadInput", "passage: p9 is no candidate of ask-1"],
  [{ answer: "ask-1", vote: "up", comment: "x".repeat(2001) }, 400, "BadInput", "comment: a comment is at most 2,000"],
  [{ answer: "ask-1", vote: "sideways" }, 400, "BadInput", "vote: "],
  [{ answer: "ask-1", vote: "up", voter: "me" }, 400, "BadInput", "voter: a voter is 8 to 64"],
  [{ answer: "ask-1", vote: "up", score: 5 }, 400, "BadInput", "score"],
])("%j is refused with %i %s", async (body, status, code, message) => {
  const response = await vote(body);
  expect(response.status).toBe(status);
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
});
