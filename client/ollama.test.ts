import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { findOllama, offerOf } from "./ollama.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const requests: string[] = [];

/** Starts what listens on Ollama's port. */
async function listen(reply: (response: ServerResponse) => void): Promise<string> {
  requests.length = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    reply(response);
  });
  servers.push(server);
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const tags = (...names: string[]) => JSON.stringify({ models: names.map((name) => ({ name, size: 1 })) });

test("Ollama is found by one GET and offered with the two variables", async () => {
  const address = await listen((response) => response.end(tags("llama3.2:latest", "nomic-embed-text:latest")));
  const found = await findOllama(address);
  expect(found).toEqual({ baseUrl: `${address}/v1`, models: ["llama3.2:latest"] });
  expect(requests).toEqual(["GET /api/tags"]);
  expect(offerOf(found!)).toBe(
    `Ollama is running with llama3.2:latest: export WINNOW_LLM_BASE_URL=${address}/v1 WINNOW_LLM_MODEL=llama3.2:latest`,
  );
});

test("names that a shell or a terminal would read as more than a name are left out", async () => {
  const address = await listen((response) => response.end(tags("x;reboot", "\u001b[2J", "$(id)", "-rf", "qwen3:8b")));
  expect((await findOllama(address))?.models).toEqual(["qwen3:8b"]);
});

test("nothing is offered without a model, and nothing another server sends does harm", async () => {
  const replies: ((response: ServerResponse) => void)[] = [
    (response) => response.end(tags()),
    (response) => response.end("<html>"),
    (response) => response.end("null"),
    (response) => response.writeHead(500).end(tags("m")),
    (response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
    (response) => response.end(tags("m").padEnd(300 * 1024)),
    () => {},
    (response) => void response.write("{"),
    (response) => void response.destroy(),
  ];
  for (const reply of replies) expect(await findOllama(await listen(reply)), String(reply)).toBeNull();
  expect(await findOllama("http://127.0.0.1:9")).toBeNull();
});
