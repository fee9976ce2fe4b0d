import { openStorage } from "../../core/storage/openStorage.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";
import { type Overview, overviewOf } from "../overview.ts";
import type { Status } from "../renderStatus.ts";
import { renderStatus } from "../renderStatus.ts";
import { findStack } from "../stack.ts";
import { type Access, connectClient } from "../temporal.ts";

const NOTHING: Overview = { running: [], waiting: [], lastRun: null, asked: null, queues: [], schedules: [] };

/** What serves, what runs and waits, who polls, and where to look. */
export async function statusCommand(config: CliConfig, io: Io): Promise<void> {
  const stack = await findStack(config);
  const address = config.temporalAddress ?? stack?.address ?? null;
  const overview = address ? await ask(address, config) : NOTHING;
  const releases = await (await openStorage(config.home, config.artifacts)).releases.list();
  const champions = releases.filter((release) => release.champion);
  const now = Date.now();
  const status: Status = {
    home: config.home,
    temporal: address,
    ui: stack?.uiUrl ?? null,
    llm: config.llm,
    ...overview,
    champions: champions.map((release) => ({ ...release, ageSeconds: (now - Date.parse(release.createdAt)) / 1000 })),
  };
  io.result(status, () => renderStatus(status));
}

async function ask(address: string, access: Access): Promise<Overview> {
  const client = await connectClient(address, access);
  try {
    return await overviewOf(client);
  } finally {
    await client.connection.close();
  }
}
