import { WinnowError } from "../../core/base/errors.ts";
import type { SourcePolicy } from "../../core/docs/sourceSpec.ts";
import { originsOf, type SitePolicy } from "../../core/docs/website/siteAddress.ts";
import { folders, listed, whole } from "../kinds.ts";
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

const origins: Kind<string[]> = {
  type: "host names or origins, separated by commas",
  parse: (given, name) =>
    listed(given.toLowerCase(), ",").flatMap((entry) => {
      const allowed = originsOf(entry);
      if (allowed) return allowed;
      throw new WinnowError(
        "BadInput",
        `${name} has ${JSON.stringify(entry)}: give host names, such as docs.example or http://intranet:8080`,
      );
    }),
  show: (value) => value.join(","),
};

const SITES = setting({
  name: "WINNOW_SITE_HOSTS",
  kind: origins,
  default: "none",
  help: "Hosts whose pages may be fetched by a sitemap, over https. `http://HOST` allows http, and a loopback host with its port allows both.",
  readBy: ["workers"],
});

const PAUSE = setting({
  name: "WINNOW_SITE_PAUSE_MS",
  kind: whole,
  default: "1000",
  fallback: () => 1_000,
  help: "Pause in milliseconds between two requests for pages of a site. A longer `Crawl-delay` of its robots.txt counts, up to a minute.",
  readBy: ["workers"],
});

const PAGES = setting({
  name: "WINNOW_SITE_PAGES",
  kind: whole,
  default: "5000",
  fallback: () => 5_000,
  help: "Most pages that a sitemap may list.",
  readBy: ["workers"],
});

export const SOURCES: Group = {
  title: "Sources of docs",
  about:
    "Where docs may come from. Workflow input names a folder, a repository or a sitemap, and these settings limit it.",
  settings: [ROOTS, HOSTS, SITES, PAUSE, PAGES],
};

/** Returns the allowed locations of docs, how sites are visited, and the environment that git inherits. */
export function readSources({ get, env }: Reading): {
  policy: SourcePolicy;
  sites: SitePolicy;
  gitEnv: Record<string, string>;
} {
  const roots = get(ROOTS);
  const allowed = get(SITES) ?? [];
  return {
    policy: { roots: roots?.length ? roots : null, hosts: get(HOSTS), origins: allowed },
    sites: { origins: allowed, pauseMs: get(PAUSE), maxPages: get(PAGES) },
    gitEnv: environmentOf("git", env),
  };
}
