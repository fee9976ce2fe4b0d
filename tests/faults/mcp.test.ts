import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askToolOutput } from "../../contracts/agents.ts";
import { type Scripted, says } from "../../core/llm/testing/scriptedLlm.ts";
import { ServedApi } from "./servedApi.ts";

// Agents at /mcp over a socket, with a workflow and an LLM behind each answer.

const QUESTION = "what does a Job do?";
const ANSWER = "A Job creates pods and retries them until a given number of them has ended well [1].";

const api = new ServedApi();
const { llm, faults } = api;
/** When the worker closed the connection of the LLM's call. */
let closedAt = 0;
const hangs: Scripted = (reply) =>
  void reply.once("close", () => {
    closedAt = Date.now();
  });

beforeAll(() => api.open());
afterAll(() => api.close());

async function connect(era: "2026" | "2025"): Promise<Client> {
  const negotiation = era === "2026" ? { versionNegotiation: { mode: "auto" as const } } : {};
  const client = new Client({ name: "test", version: "1" }, negotiation);
  await client.connect(new StreamableHTTPClientTransport(new URL(`${api.url}/mcp`)));
  return client;
}

/** Asks; `id` is that of the workflow once it is known. */
function ask(client: Client, signal?: AbortSignal) {
  const asked = { id: "", seen: [] as string[] };
  const onprogress = ({ message = "" }: { message?: string }) => {
    asked.seen.push(message);
    asked.id ||= /question (\S+): searching/.exec(message)?.[1] ?? "";
  };
  const result = client.callTool({ name: "ask", arguments: { question: QUESTION } }, { signal, onprogress });
  result.catch(() => {});
  return { asked, result };
}

async function statusOf(workflowId: string): Promise<string> {
  return (await (await faults.client()).workflow.getHandle(workflowId).describe()).status.name;
}

describe.each(["2026", "2025"] as const)("an agent of %s", (era) => {
  test("gets the recorded answer of the LLM, with progress while it is made", async () => {
    llm.play(says(ANSWER));
    const client = await connect(era);
    const { asked, result } = ask(client);
    const answer = askToolOutput.parse((await result).structuredContent);
    expect(answer).toMatchObject({ answered: true, kind: "llm", answer: ANSWER, model: "scripted" });
    expect(answer.receipt).toBe(asked.id);
    expect(asked.seen.join("\n")).toMatch(/^starting \(0 s\)\nquestion \S+: searching/);
    expect(await api.doors.stored(asked.id)).toMatchObject({ answer: ANSWER, citations: answer.citations });
    await client.close();
  });

  test(`that ${era === "2026" ? "cancels" : "leaves"} cancels the workflow and the LLM's call within 2 s`, async () => {
    llm.play(hangs);
    closedAt = 0;
    const client = await connect(era);
    const cancel = new AbortController();
    const { asked, result } = ask(client, cancel.signal);
    await expect.poll(() => llm.calls.length, { interval: 20 }).toBe(1);
    expect(await statusOf(asked.id)).toBe("RUNNING");
    const began = Date.now();
    if (era === "2026") cancel.abort("the user pressed Escape");
    else await client.close();
    await expect(result).rejects.toThrow();
    await expect.poll(() => statusOf(asked.id), { timeout: 2000, interval: 50 }).toBe("CANCELLED");
    await expect.poll(() => closedAt, { timeout: 2000, interval: 50 }).toBeGreaterThan(0);
    expect(closedAt - began).toBeLessThan(2000);
    expect(llm.calls).toHaveLength(1);
    await client.close();
  });
});

test("one question more than may be under way is refused with the time to wait, and room comes free again", async () => {
  llm.play(hangs);
  const client = await connect("2026");
  const leave = new AbortController();
  const two = [ask(client, leave.signal), ask(client, leave.signal)];
  await expect.poll(() => llm.calls.length, { interval: 20 }).toBe(2);
  const { isError, content } = await client.callTool({ name: "ask", arguments: { question: QUESTION } });
  expect([isError, content]).toEqual([true, [{ type: "text", text: expect.stringMatching(/Try again in 5 s/) }]]);
  leave.abort();
  await Promise.allSettled(two.map(({ result }) => result));
  llm.play(says(ANSWER));
  await expect.poll(async () => (await ask(client).result).isError ?? false, { timeout: 10_000 }).toBe(false);
  await client.close();
});
