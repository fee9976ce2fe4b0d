import type { SourcePolicy } from "../../core/docs/sourceSpec.ts";
import { folders, listed } from "../kinds.ts";
import { type Group, type Kind, type Reading, setting } from "../schema.ts";
import { environmentOf } from "./inherited.ts";

/** Public git hosts that are allowed by default. None has an address in a private network. */
const PUBLIC_HOSTS = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];

const hosts: Kind<string[]> = {
  type: "host names, separated by commas",
  parse: (given) => listed(given.toLowerCase(), ","),
  show: (value) => value.join(","),
};

const ROOTS = setting({
  name: "WINNOW_DOCS_ROOTS",
  kind: folders,
  default: "any folder",
  help: "Folders below which docs, local repositories, question sets and labelled pairs may lie. Links that lead out of them are refused.",
  readBy: ["workers", "containers"],
});

const HOSTS = setting({
  name: "WINNOW_GIT_HOSTS",
  kind: hosts,
  default: `\`${PUBLIC_HOSTS.join(",")}\``,
  help: "Hosts that docs may be cloned from. An empty text allows none.",
  readBy: ["workers"],
  emptyCounts: true,
  fallback: () => PUBLIC_HOSTS,
});

export const SOURCES: Group = {
  title: "Sources of docs",
  about: "Where docs may come from. Workflow input names a folder or a repository, and these settings limit it.",
  settings: [ROOTS, HOSTS],
};

/** Returns the allowed locations of docs, and the environment that git inherits. */
export function readSources({ get, env }: Reading): { policy: SourcePolicy; gitEnv: Record<string, string> } {
  const roots = get(ROOTS);
  return {
    policy: { roots: roots?.length ? roots : null, hosts: get(HOSTS) },
    gitEnv: environmentOf("git", env),
  };
}
