import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { json, parsed, text } from "./declare.ts";
import { corpus as corpusName, releaseId } from "./parse.ts";
import { verbose } from "./pipelineCommands.ts";

const BY_TEMPORAL = `
The same with the \`temporal\` command, which set-up puts into ~/.cache/winnow/bin:
  temporal workflow execute --type promote  --task-queue winnow --input '{"release": "ID", "by": "dana", "reason": "..."}'
  temporal workflow execute --type rollback --task-queue winnow --input '{"corpus": "NAME"}'
  temporal workflow update execute --workflow-id winnow-approval-NAME --name approve --input '{"by": "dana"}'`;

const corpus = parsed("<name>", "of this corpus only", corpusName);
const by = text("<name>", "who decides, for the ledger (default: you)");
const reason = text("<text>", "why, for the ledger");
const expected = parsed("<id>", "only if this release is the champion now", releaseId);

const rollback = {
  json,
  by,
  reason,
  expected,
  corpus: parsed("<name>", "of this corpus (default: the only one)", corpusName),
  to: parsed("<id>", "release to go back to, which must have served before", releaseId),
};

const approval = {
  json,
  corpus: parsed("<name>", "of this corpus (default: the only one that waits)", corpusName),
  release: parsed("<id>", "only if this release is the one that waits", releaseId),
  by,
  reason,
};

/** `winnow releases` and its sub-commands. */
export function addReleaseCommands(program: Command): void {
  const releases = addCommand(
    program,
    "releases",
    "All releases, newest first, with those that serve marked.",
    { corpus, json },
    async ({ config, io, options }) => {
      const { releasesCommand } = await import("./commands/releases.ts");
      await releasesCommand(config, io, options);
    },
  ).addHelpText("after", BY_TEMPORAL);
  addReading(releases);
  addChanging(releases);
  addApproving(releases);
}

function addReading(releases: Command): void {
  addCommand(
    releases,
    "show <id>",
    "Parts of a release, its evaluation, and when it served.",
    { json, verbose },
    async ({ config, io, options, texts: [id] }) => {
      const { showCommand } = await import("./commands/releases.ts");
      await showCommand(config, io, id, options);
    },
  );
  addCommand(
    releases,
    "diff <a> <b>",
    "Differences between two releases.",
    { json, verbose },
    async ({ config, io, options, texts: [a, b] }) => {
      const { diffCommand } = await import("./commands/releases.ts");
      await diffCommand(config, io, a, b, options);
    },
  );
  addCommand(
    releases,
    "at <time>",
    "The release that served at a time (2026-11-22T10:00, UTC unless it has an offset), who decided, and on what evidence.",
    { json, corpus },
    async ({ config, io, options, texts: [time] }) => {
      const { atCommand } = await import("./commands/releases.ts");
      await atCommand(config, io, time, options);
    },
  );
}

function addChanging(releases: Command): void {
  addCommand(
    releases,
    "promote <id>",
    "Make a release the champion of its corpus, whatever its gate said.",
    { json, by, reason, expected },
    async ({ config, io, options, texts: [release] }) => {
      const { promoteCommand } = await import("./commands/champion.ts");
      await promoteCommand(config, io, release, options);
    },
  );
  addCommand(releases, "rollback", "Go back to the previous champion.", rollback, async ({ config, io, options }) => {
    const { rollbackCommand } = await import("./commands/champion.ts");
    await rollbackCommand(config, io, options);
  });
}

function addApproving(releases: Command): void {
  const words = {
    approve: "Let the candidate that waits for approval serve.",
    reject: "Keep back the candidate that waits for approval.",
  };
  for (const name of ["approve", "reject"] as const)
    addCommand(
      releases,
      `${name} [workflow]`,
      words[name],
      approval,
      async ({ config, io, options, texts: [workflow] }) => {
        const { approvalCommand } = await import("./commands/approval.ts");
        await approvalCommand(config, io, name, { ...options, workflow });
      },
    );
}
