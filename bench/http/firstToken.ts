import { setTimeout as pause } from "node:timers/promises";
import { chunk, type ScriptedLlm } from "../../core/llm/testing/scriptedLlm.ts";
import { eventsOf } from "../../http/testing/events.ts";
import { postAsk } from "./postAsk.ts";

/** Time to the LLM's first token, and between tokens. */
const FIRST_MS = 400;
const NEXT_MS = 60;
const PIECES = ["Mark the node first, ", "and then move its ", "pods to other nodes [1]."];

/** Milliseconds from the LLM's first token to the first token that the client reads, for `count` questions. */
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
    // A refusal calls no LLM. Between the limits, the LLM first judges, and may then not answer.
    if (asked > 2 * count + 10) throw new Error(`only ${times.length} of ${asked} streams had tokens`);
    const response = await postAsk(url, { question: next() }, { stream: true });
    let tokens = 0;
    for await (const { event } of eventsOf(response))
      if (event === "token" && tokens++ === 0) times.push(performance.now() - sentAt);
  }
  return times;
}
