import type { Client } from "@temporalio/client";
import type { InstalledModel } from "../contracts/models.ts";
import { WinnowError } from "../core/base/errors.ts";
import type { Storage } from "../core/storage/openStorage.ts";
import { artifactKeys } from "../core/upkeep/inventory.ts";
import { describeSilent, heldByWorkflows } from "./held.ts";
import { listSchedules } from "./schedules.ts";
import { withServerIfAny } from "./server.ts";
import type { StackSettings } from "./settings.ts";

/**
 * Who needs an installed model, in words: releases that can serve with it, and, if a server is known, schedules that
 * name it and runs that work with it. Throws BadInput if a run does not report what it needs.
 */
export async function usersOf(
  model: InstalledModel,
  { config, ...storage }: { config: StackSettings } & Pick<Storage, "releases">,
): Promise<string[]> {
  const releases = await releasesWith(model, storage);
  return withServerIfAny(config, async (client) => [...releases, ...(client ? await atServer(client, model) : [])]);
}

async function releasesWith({ artifact }: InstalledModel, { releases }: Pick<Storage, "releases">): Promise<string[]> {
  const key = artifact.uri.replace(/^winnow:/, "");
  const users: string[] = [];
  for (const { id, corpus, retired } of await releases.list()) {
    if (retired || corpus === "?") continue;
    const { manifest } = await releases.read(id);
    if (artifactKeys(manifest).includes(key)) users.push(`release ${id} of ${corpus}`);
  }
  return users;
}

async function atServer(client: Client, { name, artifact }: InstalledModel): Promise<string[]> {
  const users: string[] = [];
  for (const { name: schedule, models } of await listSchedules(client))
    if ([models.embedder, models.reranker].some((chosen) => chosen === name || name.endsWith(`/${chosen}`)))
      users.push(`schedule ${schedule}`);
  const { digests, silent } = await heldByWorkflows(client);
  if (silent.length > 0)
    throw new WinnowError(
      "BadInput",
      `${name} is not removed: ${describeSilent(silent)}. Start workers that answer for it, or end it.`,
    );
  if (digests.some((digest) => artifact.sha256.startsWith(digest))) users.push("a pipeline that is running");
  return users;
}
