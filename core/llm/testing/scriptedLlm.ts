import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Scripted = (reply: ServerResponse) => void;

interface Call {
  at: number;
  authorization: string | undefined;
  /** Body of the request, as JSON. */
  body: string;
}

/** An OpenAI-compatible endpoint that plays the n-th entry for the n-th call since `play`; the last entry repeats. */
export class ScriptedLlm {
  calls: Call[] = [];
  private script: Scripted[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, reply) => {
      const call: Call = { at: Date.now(), authorization: request.headers.authorization, body: "" };
      this.calls.push(call);
      const answer = this.script[Math.min(this.calls.length, this.script.length) - 1]!;
      request.setEncoding("utf8").on("data", (text) => {
        call.body += text;
      });
      request.on("end", () => answer(reply));
    });
  }

  /** Starts the server and returns its base URL. */
  async listen(): Promise<string> {
    await new Promise<void>((settle) => this.server.listen(0, "127.0.0.1", settle));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  play(...script: Scripted[]): void {
    this.calls = [];
    this.script = script;
  }

  end(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export const fails =
  (status: number, headers: Record<string, string> = {}): Scripted =>
  (reply) => {
    reply.writeHead(status, { "content-type": "application/json", ...headers });
    reply.end(JSON.stringify({ error: { message: `scripted ${status}` } }));
  };

export const says =
  (content: string, finish_reason: "stop" | "length" = "stop"): Scripted =>
  (reply) => {
    const choice = { index: 0, finish_reason, message: { role: "assistant", content } };
    reply.writeHead(200, { "content-type": "application/json" });
    reply.end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "scripted", choices: [choice] }));
  };

/** One event of a streamed reply. */
export function chunk(content: string | null, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta: content === null ? {} : { content }, finish_reason }];
  return `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "scripted", choices })}\n\n`;
}

/** Streams the pieces with a pause after each, and ends well. */
export const streams =
  (pieces: string[], { pauseMs = 0, finish = "stop" }: { pauseMs?: number; finish?: string } = {}): Scripted =>
  async (reply) => {
    reply.writeHead(200, { "content-type": "text/event-stream" });
    for (const piece of pieces) {
      reply.write(chunk(piece));
      if (pauseMs > 0) await new Promise((settle) => setTimeout(settle, pauseMs));
    }
    reply.end(`${chunk(null, finish)}data: [DONE]\n\n`);
  };

/** Never answers. */
export const hangs: Scripted = () => {};
