import { delimiter, resolve } from "node:path";
import type { SourcePolicy } from "../core/docs/sourceSpec.ts";

/** Public hosts that git may be sent to where the operator named none: no address of a private network is among them. */
const PUBLIC_HOSTS = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];

/** What git needs to reach a repository as the worker's user: proxies, certificates, the ssh agent. */
const GIT_INHERITS = [
  "PATH",
  "HOME",
  "TMPDIR",
  "SSH_AUTH_SOCK",
  "SSL_CERT_FILE",
  "GIT_SSL_CAINFO",
  ...["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"],
];

/** Where docs may come from: WINNOW_DOCS_ROOTS (folders), WINNOW_GIT_HOSTS (with commas). */
export function readSources(env: NodeJS.ProcessEnv): { policy: SourcePolicy; gitEnv: Record<string, string> } {
  const roots = (env.WINNOW_DOCS_ROOTS ?? "").split(delimiter).filter((root) => root !== "");
  const hosts = env.WINNOW_GIT_HOSTS?.split(",").map((host) => host.trim().toLowerCase());
  return {
    policy: {
      roots: roots.length > 0 ? roots.map((root) => resolve(root)) : null,
      hosts: hosts?.filter((host) => host !== "") ?? PUBLIC_HOSTS,
    },
    gitEnv: Object.fromEntries(GIT_INHERITS.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
  };
}
