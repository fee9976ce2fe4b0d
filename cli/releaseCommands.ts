import type { Command } from "commander";
import { action } from "./action.ts";
import { readConfig } from "./config.ts";

const BY_TEMPORAL = `
The same without this command:
  temporal workflow execute --type promote  --task-queue winnow --input '{"release": "ID", "by": "dana", "reason": "..."}'
  temporal workflow execute --type rollback --task-queue winnow --input '{"corpus": "NAME"}'
  temporal workflow update execute --workflow-id winnow-approval-NAME --name approve --input '{"by": "dana"}'`;

/** `winnow releases` and what can be done with releases. */
export function addReleaseCommands(program: Command): void {
  const releases = listing(program);
  reading(releases);
  changing(releases);
  approving(releases);
}

function listing(program: Command): Command {
  return program
    .command("releases")
    .description("All releases, newest first, and which of them serve.")
    .addHelpText("after", BY_TEMPORAL)
    .option("--corpus <name>", "of this corpus only")
    .option("--json", "print one JSON document")
    .action(
      action(async (io, options) => {
        const { releasesCommand } = await import("./commands/releases.ts");
        await releasesCommand(readConfig(), io, options);
      }),
    );
}

function reading(releases: Command): void {
  shared(
    releases.command("show <id>").description("What a release is made of, its evaluation, when it served."),
  ).action(
    action(async (io, _, id) => {
      const { showCommand } = await import("./commands/releases.ts");
      await showCommand(readConfig(), io, id);
    }),
  );
  shared(releases.command("diff <a> <b>").description("What differs between two releases.")).action(
    action(async (io, _, a, b) => {
      const { diffCommand } = await import("./commands/releases.ts");
      await diffCommand(readConfig(), io, a, b);
    }),
  );
  shared(
    releases
      .command("at <time>")
      .description(
        "What served at a time (2026-11-22T10:00, UTC unless it has an offset), who decided, on what evidence.",
      ),
  )
    .option("--corpus <name>", "of this corpus only")
    .action(
      action(async (io, options, time) => {
        const { atCommand } = await import("./commands/releases.ts");
        await atCommand(readConfig(), io, time, options);
      }),
    );
}

function changing(releases: Command): void {
  decided(
    releases.command("promote <id>").description("Make a release the champion of its corpus, whatever its gate said."),
  ).action(
    action(async (io, options, release) => {
      const { promoteCommand } = await import("./commands/champion.ts");
      await promoteCommand(readConfig(), io, release, options);
    }),
  );
  decided(releases.command("rollback").description("Back to the champion before this one."))
    .option("--corpus <name>", "of this corpus (default: the only one)")
    .option("--to <id>", "to this release, which served before")
    .action(
      action(async (io, options) => {
        const { rollbackCommand } = await import("./commands/champion.ts");
        await rollbackCommand(readConfig(), io, options);
      }),
    );
}

function approving(releases: Command): void {
  const words = {
    approve: "Let the candidate that waits for approval serve.",
    reject: "Keep the candidate that waits for approval back.",
  };
  for (const name of ["approve", "reject"] as const)
    shared(releases.command(`${name} [workflow]`).description(words[name]))
      .option("--corpus <name>", "of this corpus (default: the only one that waits)")
      .option("--release <id>", "only if this release is the one that waits")
      .option("--by <name>", "who decides, for the ledger (default: you)")
      .option("--reason <text>", "why, for the ledger")
      .action(
        action(async (io, options, workflow) => {
          const { approvalCommand } = await import("./commands/approval.ts");
          await approvalCommand(readConfig(), io, name, { ...(options as object), workflow });
        }),
      );
}

function shared(command: Command): Command {
  return command.option("--json", "print one JSON document");
}

function decided(command: Command): Command {
  return shared(command)
    .option("--by <name>", "who decides, for the ledger (default: you)")
    .option("--reason <text>", "why, for the ledger")
    .option("--expected <id>", "only if this release is the champion now");
}
