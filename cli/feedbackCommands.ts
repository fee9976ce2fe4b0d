import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { choice, flag, json, parsed, text, withDefault } from "./declare.ts";
import { corpus, natural } from "./parse.ts";

const list = {
  state: withDefault(
    choice("<state>", "votes to list", ["undecided", "accepted", "rejected", "superseded", "all"]),
    "undecided",
  ),
  corpus: parsed("<name>", "votes on answers about this corpus (default: all)", corpus),
  limit: withDefault(parsed("<n>", "newest votes to list", natural), 50),
  json,
};

const decide = {
  by: text("<name>", "who decides (default: you)"),
  reason: text("<text>", "why"),
  again: flag("decide a vote that is decided already"),
  json,
};

const accept = {
  ...decide,
  question: text("<text>", "text of the question, if nobody keeps it"),
};

/** `winnow feedback list`, `accept` and `reject`. */
export function addFeedbackCommands(program: Command): void {
  const feedback = program.command("feedback").description("Votes on answers, which wait for a person to accept them.");
  addCommand(
    feedback,
    "list",
    "Votes, newest first, with their question and what became of them.",
    list,
    async ({ config, io, options }) => {
      const { feedbackListCommand } = await import("./commands/feedback.ts");
      await feedbackListCommand(config, io, options);
    },
  );
  addCommand(
    feedback,
    "accept <id>",
    "Accept a vote: the next training of the corpus learns from it. Its question is kept until the vote is rejected, and in training data and reports as long as their release.",
    accept,
    async ({ config, io, options, texts: [id] }) => {
      const { feedbackDecideCommand } = await import("./commands/feedback.ts");
      await feedbackDecideCommand(config, io, id, { ...options, verdict: "accept" });
    },
  );
  addCommand(feedback, "reject <id>", "Reject a vote.", decide, async ({ config, io, options, texts: [id] }) => {
    const { feedbackDecideCommand } = await import("./commands/feedback.ts");
    await feedbackDecideCommand(config, io, id, { ...options, verdict: "reject" });
  });
}
