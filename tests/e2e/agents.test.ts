import type { Client } from "@modelcontextprotocol/client";
import { Connection, Client as TemporalClient } from "@temporalio/client";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { askToolOutput, searchToolOutput } from "../../contracts/agents.ts";
import type { AskResult } from "../../contracts/ask.ts";
import { type Scripted, ScriptedLlm, says } from "../../core/llm/testing/scriptedLlm.ts";
import { AgentProcess, connectAgent } from "./agentProcess.ts";
import { freshHome, winnowJson } from "./command.ts";
import { leftovers } from "./leftovers.ts";
import { sampleRelease } from "./sampleRelease.ts";
import { stack } from "./stageSignals.ts";

const QUESTION = "How do I safely drain a node?";
const OFF_TOPIC = "What is a good recipe for tomato soup with basil?";

let home: string;
let release: string;
beforeAll(async () => {
  const { home: shared, up } = await sampleRelease(inject("shared"));
  home = shared;
  release = up.release!;
}, 600_000);

const opened: Client[] = [];
async function agent(...options: Parameters<typeof connectAgent> extends [string, ...infer Rest] ? Rest : never) {
  const client = await connectAgent(home, ...options);
  opened.push(client);
  return client;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()));
  await expect.poll(() => leftovers(home), { timeout: 10_000 }).toEqual([]);
});

async function ask(client: Client, question: string) {
  const { structuredContent } = await client.callTool({ name: "ask", arguments: { question } }, { timeout: 120_000 });
  return askToolOutput.parse(structuredContent);
}

describe("winnow mcp", () => {
  it("answers and refuses as the command does, from a stack that it starts and others join", async () => {
    const client = await agent("2026");
    expect(client.getInstructions()).toContain(release);
    const answer = await ask(client, QUESTION);
    expect(answer).toMatchObject({ answered: true, kind: "extractive", release, corpus: "sample", model: null });
    expect(answer.receipt).toMatch(/^ask-/);
    const { receipt, ...printed } = await winnowJson<AskResult>(home, ["ask", QUESTION]);
    expect(answer).toMatchObject({ answer: printed.answer, citations: printed.citations });
    expect(answer.threshold).toBeCloseTo(receipt.threshold, 4);

    const refusal = await ask(client, OFF_TOPIC);
    expect(refusal).toMatchObject({ answered: false, kind: "abstained", refusedBy: "threshold", citations: [] });
    expect(refusal.relevance).toBeLessThan(refusal.threshold);
    expect(refusal.closest).toHaveLength(3);
    const refused = await winnowJson<AskResult>(home, ["ask", OFF_TOPIC]);
    expect(refusal.why).toBe(refused.receipt.why);
    expect(refusal.closest).toMatchObject(refused.closest);
  });

  it("serves agents of both revisions at once, and goes on with a stack of its own when its owner leaves", async () => {
    const [first, second] = [await agent("2026"), await agent("2025")];
    expect((await ask(first, QUESTION)).kind).toBe("extractive");
    const owner = stack(home).serverPid;
    expect((await ask(second, QUESTION)).kind).toBe("extractive");
    expect(stack(home).serverPid).toBe(owner);
    await first.close();
    expect((await ask(second, QUESTION)).kind).toBe("extractive");
    expect(stack(home).serverPid).not.toBe(owner);
  });

  it("searches without Temporal", async () => {
    const client = await agent("2025");
    const { structuredContent } = await client.callTool({ name: "search", arguments: { query: QUESTION, limit: 2 } });
    expect(searchToolOutput.parse(structuredContent)).toMatchObject({ release, answerable: true });
    expect(() => stack(home)).toThrow();
  });

  it("tells an agent what to do where Temporal does not answer", async () => {
    const client = await agent("2026", { env: { TEMPORAL_ADDRESS: "127.0.0.1:1" } });
    const { content, isError } = await client.callTool({ name: "ask", arguments: { question: QUESTION } });
    expect([isError, content]).toEqual([
      true,
      [{ type: "text", text: expect.stringMatching(/127\.0\.0\.1:1.*`search` and `fetch` work without Temporal/s) }],
    ]);
    const { structuredContent } = await client.callTool({ name: "search", arguments: { query: QUESTION } });
    expect(searchToolOutput.parse(structuredContent)).toMatchObject({ answerable: true });
    const status = await client.callTool({ name: "status", arguments: {} });
    expect(status.structuredContent).toMatchObject({
      ...{ ready: false, why: "Temporal does not answer" },
      corpora: [{ corpus: "sample", release }],
    });
  });

  it("tells an agent that nothing serves, in its instructions, its status and its errors", async () => {
    const { home: empty, remove } = await freshHome();
    const client = await connectAgent(empty, "2025");
    try {
      expect(client.getInstructions()).toContain("no release of them serves here yet");
      const status = await client.callTool({ name: "status", arguments: {} });
      expect(status.structuredContent).toMatchObject({ ready: false, corpora: [] });
      for (const [name, given] of Object.entries({ search: { query: "a" }, ask: { question: "a" } })) {
        const { isError, content } = await client.callTool({ name, arguments: given }, { timeout: 120_000 });
        expect([isError, JSON.stringify(content)]).toEqual([
          true,
          expect.stringContaining("npx winnow run --docs PATH"),
        ]);
      }
    } finally {
      await client.close();
      await remove();
    }
  });
});

describe("its process", () => {
  it("writes nothing to stdout but the protocol, and ends with code 0 when the agent closes stdin", async () => {
    const process = new AgentProcess(home);
    await process.initialize();
    process.write("this is no JSON");
    process.write('{"jsonrpc": "2.0"}');
    const { result } = await process.request("tools/list", {});
    expect(result!.tools).toHaveLength(4);
    const progressToken = "p";
    const call = { name: "ask", arguments: { question: QUESTION }, _meta: { progressToken } };
    const [asked, searched] = await Promise.all([
      process.request("tools/call", call),
      process.request("tools/call", { name: "search", arguments: { query: QUESTION } }),
    ]);
    expect(asked.result).toMatchObject({ structuredContent: { kind: "extractive" } });
    expect(searched.result).toMatchObject({ structuredContent: { answerable: true } });
    expect(process.messages().filter(({ method }) => method === "notifications/progress").length).toBeGreaterThan(1);
    const { error } = await process.request("tools/call", { name: "nope", arguments: {} });
    expect(error).toMatchObject({ code: -32602 });

    const began = Date.now();
    process.child.stdin.end();
    expect(await process.gone).toBe(0);
    expect(Date.now() - began).toBeLessThan(8000);
    process.messages();
    expect(process.stderr).toContain("Workers ready");
  });

  it.each(["SIGTERM", "end of stdin"])("leaves nothing at %s while it starts a stack for a question", async (how) => {
    const process = new AgentProcess(home);
    await process.initialize();
    process.send("tools/call", { name: "ask", arguments: { question: QUESTION } });
    await expect.poll(() => process.stderr, { timeout: 60_000 }).toContain("Temporal server at");
    if (how === "SIGTERM") process.child.kill("SIGTERM");
    else process.child.stdin.end();
    expect(await process.gone).toBe(0);
  });
});

describe("an LLM that is slow", () => {
  const llm = new ScriptedLlm();
  const DEADLINE_S = 8;
  let env: Record<string, string>;
  /** When the workers closed the connection of the call. */
  let closedAt = 0;
  const hangs: Scripted = (reply) =>
    void reply.once("close", () => {
      closedAt = Date.now();
    });

  beforeAll(async () => {
    env = { WINNOW_LLM_BASE_URL: await llm.listen(), WINNOW_LLM_MODEL: "scripted" };
  });
  afterAll(() => llm.end());

  /** An agent whose workers are up. */
  async function warm(era: "2026" | "2025"): Promise<Client> {
    const client = await agent(era, { env, args: ["--deadline", `${DEADLINE_S}`] });
    llm.play(says("Drain the node with kubectl drain [1]."));
    await expect.poll(async () => (await ask(client, QUESTION)).receipt, { timeout: 60_000 }).not.toBeNull();
    closedAt = 0;
    llm.play(hangs);
    return client;
  }

  it("is not waited for longer than the deadline: the passages are quoted, flagged, and the question is cancelled", async () => {
    const client = await warm("2026");
    const messages: string[] = [];
    const began = Date.now();
    const { structuredContent } = await client.callTool(
      { name: "ask", arguments: { question: QUESTION } },
      { onprogress: ({ message }) => messages.push(message!) },
    );
    const took = Date.now() - began;
    expect(took).toBeGreaterThan(DEADLINE_S * 1000 - 100);
    expect(took).toBeLessThan(DEADLINE_S * 1000 + 3000);
    const answer = askToolOutput.parse(structuredContent);
    expect(answer).toMatchObject({ answered: false, kind: "degraded", receipt: null, release });
    expect(answer.why).toBe(`it did not answer within ${DEADLINE_S} s`);
    expect(answer.citations[0]!.page).toBe("operations/drain.md");
    expect(messages.join("\n")).toMatch(/relevant passages? found, an answer is being made \(\d s\)/);
    const id = /question (\S+): searching/.exec(messages.join("\n"))![1]!;
    await expect.poll(() => statusOf(id), { timeout: 2000, interval: 100 }).toBe("CANCELLED");
    // The workflow may be cancelled before its worker has left the LLM.
    await expect.poll(() => closedAt, { timeout: 2000, interval: 50 }).toBeGreaterThan(0);
    expect(closedAt - began).toBeLessThan(DEADLINE_S * 1000 + 2000);
  });

  it.each(["2026", "2025"] as const)("is left within two seconds when an agent of %s cancels", async (era) => {
    const client = await warm(era);
    const cancel = new AbortController();
    let id = "";
    const asked = client.callTool(
      { name: "ask", arguments: { question: QUESTION } },
      {
        signal: cancel.signal,
        onprogress: ({ message }) => {
          id ||= /question (\S+): searching/.exec(message!)?.[1] ?? "";
        },
      },
    );
    asked.catch(() => {});
    await expect.poll(() => llm.calls.length, { timeout: 20_000, interval: 20 }).toBe(1);
    const began = Date.now();
    cancel.abort("the user pressed Escape");
    await expect(asked).rejects.toThrow();
    await expect.poll(() => statusOf(id), { timeout: 2000, interval: 50 }).toBe("CANCELLED");
    await expect.poll(() => closedAt, { timeout: 2000, interval: 50 }).toBeGreaterThan(0);
    expect(closedAt - began).toBeLessThan(2000);
    expect(llm.calls).toHaveLength(1);
  });
});

async function statusOf(workflowId: string): Promise<string> {
  const connection = await Connection.connect({ address: stack(home).address });
  try {
    return (await new TemporalClient({ connection }).workflow.getHandle(workflowId).describe()).status.name;
  } finally {
    await connection.close();
  }
}
