import { type OpenDoors, openDoors } from "../../client/openDoors.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import { ScriptedLlm } from "../../core/llm/testing/scriptedLlm.ts";
import type { Access } from "../../http/access.ts";
import { createApp } from "../../http/app.ts";
import type { App } from "../../http/protocol.ts";
import { type Listening, listen } from "../../http/server.ts";
import { Faults } from "./harness.ts";

const ACCESS: Access = { allowedHosts: [], origins: [], tokens: [], ratePerMinute: 600, questionsAtOnce: 2 };

/** The API without a socket, on the running Temporal server of `faults`. @param own settings besides its folders */
export async function openApp(faults: Faults, own: Record<string, string>): Promise<{ doors: OpenDoors; app: App }> {
  const folders = { WINNOW_HOME: faults.home, WINNOW_CACHE: faults.cache };
  const server = { TEMPORAL_ADDRESS: `127.0.0.1:${faults.port}`, TEMPORAL_CONFIG_FILE: "" };
  const doors = await openDoors(readCliConfig({ ...folders, ...server, ...own }));
  return { doors, app: createApp({ doors, access: ACCESS, causes: true }) };
}

/** The API over a socket, with a Temporal server, a worker, a release and a scripted LLM behind each answer. */
export class ServedApi {
  readonly llm = new ScriptedLlm();
  readonly faults = new Faults();
  private opened: { doors: OpenDoors; server: Listening } | null = null;

  get doors(): OpenDoors {
    return this.opened!.doors;
  }

  get url(): string {
    return `http://127.0.0.1:${this.opened!.server.port}`;
  }

  /** @param withLlm whether the API has the LLM too, not only the worker */
  async open({ withLlm = false } = {}): Promise<void> {
    const { faults } = this;
    const own = { WINNOW_LLM_MODEL: "scripted", WINNOW_LLM_BASE_URL: await this.llm.listen() };
    await faults.startServer();
    await faults.startWorker(own);
    await (await faults.startPipeline({}, 0.5)).result();
    await this.serve(withLlm ? own : {});
  }

  /** Serves the API on the running Temporal server of `faults`. @param own settings of the LLM, if the API has it too */
  async serve(own: Record<string, string> = {}): Promise<void> {
    const { doors, app } = await openApp(this.faults, own);
    this.opened = { doors, server: await listen(app, { host: "127.0.0.1", port: 0 }) };
  }

  async close(): Promise<void> {
    await this.opened?.server.close();
    await this.opened?.doors.close();
    await this.faults.end();
    this.llm.end();
  }
}
