import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect } from "vitest";
import { root } from "./command.ts";

const WINNOW = join(root, "cli", "winnow.mjs");

export interface AgentOptions {
  /** Options of `winnow mcp`. */
  args?: string[];
  env?: Record<string, string>;
}

function environment(home: string, env: Record<string, string> = {}): Record<string, string> {
  const inherited = { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", ...env, WINNOW_HOME: home };
  return inherited as Record<string, string>;
}

/** A client that has started `winnow mcp`, as an agent does; closing it ends the process. */
export async function connectAgent(
  home: string,
  era: "2026" | "2025",
  { args = [], env }: AgentOptions = {},
): Promise<Client> {
  const negotiation = era === "2026" ? { versionNegotiation: { mode: "auto" as const } } : {};
  const client = new Client({ name: "test", version: "1" }, negotiation);
  const command = { command: process.execPath, args: [WINNOW, "mcp", ...args], stderr: "ignore" as const };
  await client.connect(new StdioClientTransport({ ...command, env: environment(home, env) }));
  return client;
}

/** `winnow mcp` with bare pipes. */
export class AgentProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly gone: Promise<number | null>;
  stdout = "";
  stderr = "";
  private next = 1;

  constructor(home: string, { args = [], env }: AgentOptions = {}) {
    this.child = spawn(process.execPath, [WINNOW, "mcp", ...args], { cwd: root, env: environment(home, env) });
    this.child.stdout.setEncoding("utf8").on("data", (text) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
    });
    this.gone = new Promise((settle) => this.child.once("close", settle));
  }

  /** The messages so far. Fails at a line that is no JSON-RPC. */
  messages(): { jsonrpc: string; id?: number; method?: string; result?: Record<string, unknown>; error?: unknown }[] {
    const lines = this.stdout.split("\n");
    expect(lines.pop()).toBe("");
    return lines.map((line) => {
      const message = JSON.parse(line);
      expect(message.jsonrpc).toBe("2.0");
      return message;
    });
  }

  write(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  notify(method: string): void {
    this.write(JSON.stringify({ jsonrpc: "2.0", method }));
  }

  /** Sends a request and leaves it; gives its id. */
  send(method: string, params: object): number {
    const id = this.next++;
    this.write(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return id;
  }

  /** The answer to a request. */
  async request(method: string, params: object): Promise<{ result?: Record<string, unknown>; error?: unknown }> {
    const id = this.send(method, params);
    const answer = () => this.stdout.endsWith("\n") && this.messages().find((message) => message.id === id);
    await expect.poll(answer, { timeout: 90_000 }).toBeTruthy();
    return this.messages().find((message) => message.id === id)!;
  }

  /** The handshake of 2025. */
  async initialize(): Promise<void> {
    const clientInfo = { name: "test", version: "1" };
    const { result } = await this.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo,
    });
    expect(result).toMatchObject({ protocolVersion: "2025-06-18", serverInfo: { name: "winnow" } });
    this.notify("notifications/initialized");
  }
}
