// npm run check:proxy: streams of the API through nginx, which buffers replies by default and ends a connection that is
// idle for a minute. Needs `nginx` on PATH: `apt-get install nginx-light`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../client/ports.ts";
import type { AskEvent } from "../../contracts/askEvents.ts";
import { type Listening, listen } from "../../http/server.ts";
import { answerOf, citation } from "../../http/testing/answers.ts";
import { type LocalServer, localServer } from "../../http/testing/localDoors.ts";

/** The LLM is silent for longer than nginx's timeout of 60 s. */
const SILENT_MS = 70_000;
/** The first event of a stream that is not buffered arrives within this time. */
const AT_ONCE_MS = 1000;
const STREAMS: Record<string, { path: string; body: object; first: RegExp }> = {
  "a stream of events": { path: "/v1/ask", body: { question: "a" }, first: /^event: accepted/ },
  "the AI SDK's": { path: "/v1/ask?format=ai-sdk", body: { question: "a" }, first: /"type":"start"/ },
  "OpenAI's": {
    path: "/v1/chat/completions",
    body: { model: "winnow", stream: true, messages: [{ role: "user", content: "a" }] },
    first: /chat\.completion\.chunk/,
  },
};

/** Below `/held/`, nginx ignores the header by which the server turns its buffers off. */
const configuration = (port: number, upstream: number, folder: string) => `
daemon off;
worker_processes 1;
error_log stderr error;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${upstream}; }
    location /held/ {
      proxy_ignore_headers X-Accel-Buffering;
      proxy_pass http://127.0.0.1:${upstream}/;
    }
  }
}
`;

const local = await localServer();
const server = await listen(local.app, { host: "127.0.0.1", port: 0 });
const proxy = await nginx(server);
try {
  for (const [name, { path, body, first }] of Object.entries(STREAMS)) {
    plays(local, 5000);
    const { text, ms, leave } = await firstOf(proxy.url, path, body);
    leave();
    assert.match(text, first);
    assert.ok(ms < AT_ONCE_MS, `${name} began after ${ms} ms`);
    console.log(`✔ ${name} passes nginx as it is written: first event after ${Math.round(ms)} ms`);
  }
  plays(local, 3000);
  const held = await firstOf(`${proxy.url}/held`, "/v1/ask", { question: "a" });
  held.leave();
  assert.ok(held.ms > 2500, `without X-Accel-Buffering the first event came after ${held.ms} ms: nothing was tested`);
  console.log("✔ without X-Accel-Buffering nginx holds the same stream back to its end");
  const left = plays(local, 60_000);
  (await firstOf(proxy.url, "/v1/ask", { question: "a" })).leave();
  const began = performance.now();
  await left;
  assert.ok(performance.now() - began < 2000, "a client that left was noticed late");
  console.log("✔ a client that leaves nginx ends the question");
  plays(local, SILENT_MS);
  const text = await (await send(proxy.url, "/v1/ask", { question: "a" })).text();
  assert.match(text, /\n\n:\n\n[\s\S]*event: answer/);
  console.log(`✔ a stream that is silent for ${SILENT_MS / 1000} s is kept open, to its answer`);
} finally {
  await proxy.stop();
  await server.close();
  await local.end();
}

/** Accepts the next question, is silent for `silentMs`, then answers it. Resolves if its client disconnects. */
function plays(server: LocalServer, silentMs: number): Promise<void> {
  return new Promise((left) => {
    server.script = async function* (_, signal): AsyncGenerator<AskEvent> {
      yield { event: "accepted", data: { id: "ask-1" } };
      yield { event: "token", data: { text: "A Job" } };
      await new Promise<void>((settle) => {
        const timer = setTimeout(settle, silentMs);
        signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          left();
          settle();
        });
      });
      yield { event: "answer", data: answerOf("A Job [1].", [citation("Jobs", "https://docs.test/jobs")]) };
    };
  });
}

function send(url: string, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  return fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body), signal });
}

async function firstOf(url: string, path: string, body: object) {
  const leave = new AbortController();
  const began = performance.now();
  const response = await send(url, path, body, leave.signal);
  assert.equal(response.status, 200);
  const { value } = await response.body!.getReader().read();
  return { text: new TextDecoder().decode(value), ms: performance.now() - began, leave: () => leave.abort() };
}

async function nginx({ port: upstream }: Listening) {
  const folder = mkdtempSync(join(tmpdir(), "winnow-nginx-"));
  const port = await freePort(18090);
  writeFileSync(join(folder, "nginx.conf"), configuration(port, upstream, folder));
  const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], { stdio: "inherit" });
  const ended = new Promise<void>((settle) => child.once("exit", () => settle()));
  await new Promise<void>((settle, fail) => {
    child.once("error", () => fail(new Error("there is no nginx on PATH: `apt-get install nginx-light`")));
    child.once("spawn", () => setTimeout(settle, 500));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
