import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { flag, json, parsed, text, withDefault } from "./declare.ts";
import { corpus, natural, releaseId } from "./parse.ts";

const onRelease = {
  release: parsed("<id>", "the docs of this release instead of the champion's", releaseId),
  corpus: parsed("<name>", "the champion of this corpus (default: the one promoted last)", corpus),
  json,
};

const create = {
  ...onRelease,
  out: withDefault(text("<file>", "question set to create or extend"), "questions.jsonl"),
};

const list = {
  refused: flag("only questions that the docs did not answer"),
  corpus: parsed("<name>", "questions about this corpus (default: all)", corpus),
  limit: withDefault(parsed("<n>", "newest questions to read", natural), 500),
  json,
};

const draft = {
  ...onRelease,
  out: withDefault(text("<file>", "file to write, which must not exist"), "draft.jsonl"),
  except: text("<file>", "question set whose questions are left out"),
  limit: withDefault(parsed("<n>", "newest questions and votes to read", natural), 500),
};

/** `winnow questions new`, `check`, `draft` and `list`. */
export function addQuestionSetCommands(program: Command): void {
  const questions = program.command("questions").description("Make, check and find questions that measure a release.");
  addCommand(
    questions,
    "new",
    "Make a question set by hand: ask, pick the passages that answer, and a line is written. Reads answers from a pipe too.",
    create,
    async ({ config, io, options }) => {
      const { questionsNewCommand } = await import("./commands/questionsNew.ts");
      await questionsNewCommand(config, io, options);
    },
  );
  addCommand(
    questions,
    "check <file>",
    "Find the lines of a question set that the docs no longer hold. Exits 1 when a line needs a change.",
    onRelease,
    async ({ config, io, options, texts: [file] }) => {
      const { questionsCheckCommand } = await import("./commands/questionsCheck.ts");
      await questionsCheckCommand(config, io, file, options);
    },
  );
  addCommand(
    questions,
    "draft",
    "Write a question set to judge, of questions that were refused, not answered for sure, or voted down, each with passages that may answer it.",
    draft,
    async ({ config, io, options }) => {
      const { questionsDraftCommand } = await import("./commands/questionsDraft.ts");
      await questionsDraftCommand(config, io, options);
    },
  );
  addCommand(
    questions,
    "list",
    "Questions that users asked, with their number and the closest page; those of `npm start` are left out.",
    list,
    async ({ config, io, options }) => {
      const { questionsListCommand } = await import("./commands/questionsList.ts");
      await questionsListCommand(config, io, options);
    },
  );
}
