import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { answerOf, citation } from "./testing/answers.ts";
import { type LocalServer, localServer } from "./testing/localDoors.ts";

const PAGE = ["clients", "api"]
  .map((name) => readFileSync(fileURLToPath(new URL(`../docs/guide/${name}.md`, import.meta.url)), "utf8"))
  .join("\n");
const EXAMPLE =
  /```sh\ncurl http:\/\/localhost:8090(\/\S+)(?: -H "[^"]+" -d '([^']+)')?\n```\n\n```json\n([\s\S]*?)\n```/g;
const examples = [...PAGE.matchAll(EXAMPLE)].map(([, path = "", body, reply = ""]) => ({ path, body, reply }));

let server: LocalServer;
beforeAll(async () => {
  server = await localServer();
  server.stored = async () => voted;
  server.script = async function* () {
    yield { event: "accepted", data: { id: "ask-1" } };
    yield { event: "answer", data: answerOf("They are detached [1].", [citation("Drain", "https://docs.test/drain")]) };
  };
});
afterAll(() => server.end());
const voted = answerOf("They are detached [1].", [citation("Jobs", "https://docs.test/jobs")]);

/** The fields of a document and of the first element of each list, with the type of each value. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

it("has an example of each protocol", () => {
  expect(examples.map(({ path }) => path)).toEqual([
    ...["/v1/models", "/v1/chat/completions", "/v2/rerank", "/rerank", "/v1/search", "/retrieval"],
    "/v1/feedback",
  ]);
});

it.each(examples)("the guide's example of $path gets a reply of the shape it shows", async ({ path, body, reply }) => {
  const request = () => server.app.request(path, { headers: { host: "localhost" } });
  const response = await (body === undefined ? request() : server.post(path, body));
  expect(response.status).toBe(path === "/v1/feedback" ? 201 : 200);
  const shown = shapeOf(JSON.parse(reply)) as { winnow?: { citations: unknown } };
  // The example leaves out the citations, which its text and annotations show.
  if (path === "/v1/chat/completions") shown.winnow!.citations = shapeOf([citation("Drain", "https://docs.test/")]);
  expect(shapeOf(await response.json())).toEqual(shown);
});
