// npm run check:gateway: LiteLLM, through which gateways and agent frameworks call other servers, reads chat, streams,
// rankings and errors of the API. Creates a Python environment in the cache.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { listen } from "../../http/server.ts";
import { answerOf, citation } from "../../http/testing/answers.ts";
import { localServer } from "../../http/testing/localDoors.ts";
import { outputOf, pythonWith } from "./python.ts";

const PACKAGES = ["litellm==1.110.2"];
const SOURCE = "https://docs.example.com/jobs";

interface Read {
  content: string;
  sources: string[];
  streamed: { content: string; draft: string; finish: string[] };
  /** Best first: position and score, by provider. */
  ranked: Record<string, [number, number][]>;
  unknown: string | null;
}

const python = await pythonWith("gateway-venv", PACKAGES, "300 MB, a minute");
const local = await localServer();
local.script = async function* () {
  yield { event: "accepted", data: { id: "ask-1" } };
  yield { event: "token", data: { text: "A Job" } };
  yield { event: "answer", data: answerOf("A Job creates pods [1].", [citation("Jobs", SOURCE)]) };
};
const server = await listen(local.app, { host: "127.0.0.1", port: 0 });
try {
  const script = fileURLToPath(new URL("gateway.py", import.meta.url));
  const lines = (await outputOf(python, [script, `http://127.0.0.1:${server.port}`])).trim().split("\n");
  const read = JSON.parse(lines.at(-1)!) as Read;
  assert.match(read.content, /^A Job creates pods \[1\]/);
  assert.deepEqual(read.sources, [SOURCE]);
  assert.deepEqual(read.streamed, { content: read.content, draft: "A Job", finish: ["stop"] });
  console.log("✔ chat, whole and as a stream, with sources and draft");
  const { query, documents } = {
    query: "what is red pod",
    documents: ["the node is blue", "the pod is red", "create a job"],
  };
  const { scores } = await local.doors.rerank(query, documents);
  const best = scores.slice(0, 2).map(({ index, probability }) => [index, probability]);
  for (const [provider, ranked] of Object.entries(read.ranked)) {
    assert.deepEqual(ranked, best, provider);
    console.log(`✔ rerank as ${provider}`);
  }
  assert.match(read.unknown ?? "", /the models are winnow, winnow:things/);
  console.log("✔ an unknown model is a NotFoundError that names the models there are");
} finally {
  await server.close();
  await local.end();
}
