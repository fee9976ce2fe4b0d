import type { ReleaseSummary } from "../contracts/release.ts";
import { type LlmState, llmState } from "./llm.ts";
import { type Overview, overviewOf } from "./overview.ts";
import { listChampions } from "./releases.ts";
import type { ClientSettings } from "./settings.ts";
import { findStack } from "./stack.ts";
import { connectClient } from "./temporal.ts";

/** State of an installation. Lists from a server are empty if none runs. */
export interface Status extends Overview, LlmState {
  home: string;
  /** Address of the Temporal server. */
  temporal: string | null;
  /** URL of its Web UI. */
  ui: string | null;
  /** URL of the HTTP API that `winnow up` or `winnow serve` serves here; null if none is. */
  api: string | null;
  /** Releases that serve, one a corpus, with their age. */
  champions: (ReleaseSummary & { ageSeconds: number })[];
}

const NOTHING: Overview = { running: [], waiting: [], lastRun: null, asked: null, queues: [], schedules: [] };

/**
 * Returns champions, runs, waiting candidates and the load of the queues. Throws TemporalUnreachable, StoreUnavailable.
 */
export async function status(config: ClientSettings): Promise<Status> {
  const stack = await findStack(config);
  const address = config.temporalAddress ?? stack?.address ?? null;
  const overview = address ? await overviewAt(address, config) : { ...NOTHING, ...(await llmState(null, config)) };
  const champions = await listChampions(config);
  const now = Date.now();
  return {
    home: config.home,
    temporal: address,
    ui: stack?.uiUrl ?? null,
    api: stack?.apiUrl ?? null,
    ...overview,
    champions: champions.map((release) => ({ ...release, ageSeconds: (now - Date.parse(release.createdAt)) / 1000 })),
  };
}

async function overviewAt(address: string, config: ClientSettings): Promise<Overview & LlmState> {
  const client = await connectClient(address, config);
  try {
    return { ...(await overviewOf(client)), ...(await llmState(client, config)) };
  } finally {
    await client.connection.close();
  }
}
