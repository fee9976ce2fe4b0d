import { chunk, type ScriptedLlm } from "../../core/llm/testing/scriptedLlm.ts";
import { eventsOf } from "../../http/testing/events.ts";

/** The time that an LLM takes to its first token, and between two. */
const FIRST_MS = 400;
const NEXT_MS = 60;
const PIECES = ["Mark the node first, ", "and then move its ", "pods to other nodes [1]."];

/** Milliseconds from the LLM's first token to the first token of the stream that a client reads, a question each. */
export async function firstTokens(url: string, llm: ScriptedLlm, next: () => string, count: number): Promise<number[]> {
  let sentAt = 0;
  llm.play(async (reply) => {
    reply.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    await pause(FIRST_MS + Math.random() * NEXT_MS);
    sentAt = performance.now();
    for (const piece of PIECES) {
      reply.write(chunk(piece));
      await pause(NEXT_MS);
    }
    reply.end(`${chunk(null, "stop")}data: [DONE]\n\n`);
  });
  const times: number[] = [];
  for (let asked = 0; times.length < count; asked++) {
    // A refusal calls no LLM, and a question that is close to one is judged first.
    if (asked > 2 * count + 10) throw new Error(`only ${times.length} of ${asked} streams had tokens`);
    const headers = { "content-type": "application/json", accept: "text/event-stream" };
    const response = await fetch(`${url}/v1/ask`, {
      ...{ method: "POST", headers, body: JSON.stringify({ question: next() }) },
    });
    let tokens = 0;
    for await (const { event } of eventsOf(response))
      if (event === "token" && tokens++ === 0) times.push(performance.now() - sentAt);
  }
  return times;
}

function pause(ms: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, ms));
}
