import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { expect, vi } from "vitest";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import { ScriptedLlm } from "../../core/llm/testing/scriptedLlm.ts";
import { sampleRelease } from "../e2e/sampleRelease.ts";
import { endStarted, SMALL_DOCS, type Started, stack, startWinnow } from "../e2e/stageSignals.ts";
import { freePort } from "../ports.ts";

const RUN = "pipeline-browser";

/** `winnow serve` on a copy of the sample's release, with a scripted LLM, and a docs site that embeds the widget. */
export class ServedSample {
  readonly llm = new ScriptedLlm();
  home = "";
  url = "";
  /** Origins of two docs sites: one may ask, the other may not. */
  docs = { listed: "", stranger: "" };
  private readonly folder = mkdtempSync(join(tmpdir(), "winnow-browser-"));
  private readonly sites: Server[] = [];
  private serving: Started | null = null;
  private connection: Connection | null = null;

  async open(shared: string): Promise<void> {
    const { home } = await sampleRelease(shared);
    this.home = join(this.folder, "home");
    for (const part of ["artifacts", "champions"]) cpSync(join(home, part), join(this.home, part), { recursive: true });
    this.url = `http://127.0.0.1:${await freePort()}`;
    this.docs = { listed: await this.site(), stranger: await this.site() };
    const env = {
      WINNOW_LLM_MODEL: "scripted",
      WINNOW_LLM_BASE_URL: await this.llm.listen(),
      WINNOW_HTTP_ORIGINS: this.docs.listed,
    };
    this.serving = startWinnow(this.home, ["serve", "--port", new URL(this.url).port], { env });
    const { said } = this.serving;
    await vi.waitFor(() => expect(said()).toContain("Serving. Ctrl-C stops"), { timeout: 120_000 });
  }

  /** Starts a run on a few pages. Returns its id. */
  async startRun(): Promise<string> {
    await this.started(RUN);
    return RUN;
  }

  /** Starts a run and terminates it before it can end by itself. Returns its id. */
  async terminatedRun(): Promise<string> {
    const workflowId = `${RUN}-terminated`;
    await (await this.started(workflowId)).terminate();
    return workflowId;
  }

  private async started(workflowId: string) {
    this.connection ??= await Connection.connect({ address: stack(this.home).address });
    const args = [{ docs: { path: SMALL_DOCS, name: "browser" } }];
    const { workflow } = new Client({ connection: this.connection });
    return workflow.start(WORKFLOWS.pipeline, { workflowId, taskQueue: QUEUES.main, args });
  }

  /** Kills the process of the API, which `winnow serve` starts again. */
  killApi(): void {
    process.kill(stack(this.home).apiPid, "SIGKILL");
  }

  async close(): Promise<void> {
    await this.connection?.close();
    this.serving?.child.kill("SIGTERM");
    await this.serving?.gone;
    await endStarted();
    for (const site of this.sites) site.close();
    this.llm.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts a docs site whose page has the widget and its own content security policy. Returns its origin. */
  private async site(): Promise<string> {
    const site = createServer((_, reply) => {
      const policy = `default-src 'none'; img-src data:; script-src ${this.url}; connect-src ${this.url}; require-trusted-types-for 'script'`;
      reply.writeHead(200, { "content-type": "text/html", "content-security-policy": policy });
      reply.end(`<!doctype html><html lang="en"><title>Docs</title><link rel="icon" href="data:,">
<main><h1>Docs</h1><script src="${this.url}/widget.js" defer></script><winnow-ask></winnow-ask></main></html>`);
    });
    await new Promise<void>((settle) => site.listen(0, "127.0.0.1", settle));
    this.sites.push(site);
    return `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  }
}
