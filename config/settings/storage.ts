import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { flag, folder, path } from "../kinds.ts";
import { type Group, setting } from "../schema.ts";

const DATA_HOME = setting({
  name: "XDG_DATA_HOME",
  kind: path,
  default: "`~/.local/share`",
  help: "Folder of the user's data. The default of `WINNOW_HOME` lies in it.",
  readBy: ["workers", "cli"],
  fallback: () => join(homedir(), ".local", "share"),
});

const CACHE_HOME = setting({
  name: "XDG_CACHE_HOME",
  kind: path,
  default: "`~/.cache`",
  help: "Folder of the user's caches. The default of `WINNOW_CACHE` lies in it.",
  readBy: ["workers", "cli", "set-up", "tests"],
  fallback: () => join(homedir(), ".cache"),
});

export const HOME = setting({
  name: "WINNOW_HOME",
  kind: folder,
  default: "`~/.local/share/winnow`",
  help: "Folder that holds all state: artifacts, releases, the ledger, and the database of the Temporal server that `winnow up` starts.",
  readBy: ["workers", "cli"],
  after: [DATA_HOME],
  fallback: ({ get }) => resolve(join(get(DATA_HOME), "winnow")),
});

export const CACHE = setting({
  name: "WINNOW_CACHE",
  kind: folder,
  default: "`~/.cache/winnow`",
  help: "Folder of downloads: model weights, the Temporal binary, the FAISS addon, bundled workflows.",
  readBy: ["workers", "cli", "set-up", "tests"],
  after: [CACHE_HOME],
  fallback: ({ get }) => resolve(join(get(CACHE_HOME), "winnow")),
});

export const KEEP_QUESTIONS = setting({
  name: "WINNOW_KEEP_QUESTIONS",
  kind: flag,
  default: "`false`",
  help: "Keeps the texts of questions, and of answers that an LLM wrote, in the records of answers. Without it a record has the digest of the question, the sources and the receipt.",
  readBy: ["workers"],
  fallback: () => false,
});

export const STORAGE: Group = {
  title: "Storage",
  about: "Where Winnow keeps what it makes and what it downloads.",
  settings: [HOME, CACHE, KEEP_QUESTIONS, DATA_HOME, CACHE_HOME],
};
