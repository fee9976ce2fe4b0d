import { rmSync } from "node:fs";
import { openDesk } from "../../client/desk.ts";
import type { Doors } from "../../client/doors.ts";
import { addVote, votesOn } from "../../client/feedback.ts";
import { openLookups } from "../../client/lookups.ts";
import { listAnswers } from "../../client/records.ts";
import { listReleases } from "../../client/releases.ts";
import { servingReleases } from "../../client/serving.ts";
import { RunningServer } from "../../client/temporalSource.ts";
import { localSettings } from "../../client/testing/settings.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import type { AskEvent, IdentifiedAnswer } from "../../contracts/askEvents.ts";
import { type TinyHome, tinyHome } from "../../core/stages/testing/tinyRelease.ts";
import type { Release } from "../../core/storage/releases.ts";
import type { Access } from "../access.ts";
import { createApp } from "../app.ts";
import type { App } from "../protocol.ts";

export const OPEN: Access = { allowedHosts: [], origins: [], tokens: [], ratePerMinute: 600, questionsAtOnce: 8 };

/** What the workflow `ask` would give: events in order, or a failure. */
export type Scripted = (question: string, signal: AbortSignal | undefined) => AsyncGenerator<AskEvent>;

/** A server over a release with random weights. Lookups are real; answers come from a script instead of a workflow. */
export interface LocalServer {
  tiny: TinyHome;
  release: Release;
  doors: Doors;
  app: App;
  /** Questions that were asked of the workflow. */
  asked: string[];
  script: Scripted;
  /** Earlier answers. */
  stored: Doors["stored"];
  /** Another app over the same doors, as they are now. */
  again(): App;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  end(): Promise<void>;
}

export async function localServer(access: Partial<Access> = {}): Promise<LocalServer> {
  const tiny = await tinyHome();
  const release = await tiny.build(32);
  await tiny.context.releases.promote(release, { expected: null, by: "a test", reason: "the first" });
  const config = { ...localSettings(tiny.home), payloadKeys: null };
  const everything = readCliConfig({ WINNOW_HOME: tiny.home, TEMPORAL_CONFIG_FILE: "" });
  const lookups = await openLookups(config);
  const asked: string[] = [];
  async function* follow(question: string, choice: { signal?: AbortSignal } = {}): AsyncGenerator<AskEvent> {
    asked.push(question);
    yield* server.script(question, choice.signal);
  }
  const doors: Doors = {
    ...lookups,
    follow,
    async ask(question, choice) {
      for await (const { event, data } of follow(question, choice))
        if (event === "answer" || event === "abstained") return data as IdentifiedAnswer;
      throw new Error("the script has no answer");
    },
    stored: (id) => server.stored(id),
    question: async () => null,
    records: (filter) => listAnswers(config, filter),
    feedback: (vote) => addVote(config, vote, (id) => server.stored(id)),
    votes: (answer) => votesOn(config, answer),
    releases: () => listReleases(config),
    serving: () => servingReleases(config),
    unready: async () => null,
    desk: openDesk(everything, new RunningServer(everything)),
  };
  const again = () => createApp({ doors, access: { ...OPEN, ...access }, causes: true });
  const app = again();
  const server: LocalServer = {
    ...{ tiny, release, doors, app, asked, again },
    async *script() {},
    stored: async () => null,
    async post(path, body, headers = {}) {
      const text = typeof body === "string" || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body);
      const all = { host: "localhost", "content-type": "application/json", ...headers };
      return app.request(path, { method: "POST", headers: all, body: text });
    },
    async end() {
      await lookups.close();
      rmSync(tiny.home, { recursive: true, force: true });
    },
  };
  return server;
}
