import { text } from "../kinds.ts";
import { type Environment, type Group, type Setting, setting } from "../schema.ts";

type Heir = Setting["heirs"][number];

function inherited(name: string, heirs: Heir[], help: string, secret = false): Setting {
  return setting({ name, kind: text, default: "none", help, secret, readBy: ["workers", "cli"], heirs });
}

const PROXY = "Proxy that git reaches repositories through. Its address may hold a password.";
const NO_PROXY = "Hosts that git reaches without the proxy.";

/** Variables for finding libraries and devices, for git's access to a repository, and for the embedded Temporal server. None holds a key of Winnow's. */
const VARIABLES = [
  inherited("PATH", ["compute", "git", "server"], "Folders of programs. The command looks for `temporal` in them too."),
  inherited("HOME", ["compute", "git", "server"], "The user's folder, with git's configuration and keys."),
  inherited("TMPDIR", ["compute", "git", "server"], "Folder of temporary files."),
  inherited("TEMP", ["compute", "server"], "Folder of temporary files on Windows."),
  inherited("TMP", ["compute", "server"], "Folder of temporary files on Windows."),
  inherited("SystemRoot", ["compute", "server"], "Folder of Windows."),
  inherited("LANG", ["compute", "server"], "Language and character set of the system."),
  inherited("LD_LIBRARY_PATH", ["compute"], "Folders of shared libraries, such as CUDA's."),
  inherited("CUDA_VISIBLE_DEVICES", ["compute"], "NVIDIA GPUs that may be used."),
  inherited("SSH_AUTH_SOCK", ["git"], "Socket of the SSH agent."),
  inherited("SSL_CERT_FILE", ["git"], "Authorities that certificates are checked against."),
  inherited("GIT_SSL_CAINFO", ["git"], "Authorities that git checks certificates against."),
  inherited("HTTPS_PROXY", ["git"], PROXY, true),
  inherited("https_proxy", ["git"], PROXY, true),
  inherited("NO_PROXY", ["git"], NO_PROXY),
  inherited("no_proxy", ["git"], NO_PROXY),
];

export const INHERITED: Group = {
  title: "Inherited by child processes",
  aside: true,
  about:
    "Compute processes, git and the embedded Temporal server inherit these variables and no others, so no key of Winnow's reaches them.",
  settings: VARIABLES,
};

/** Returns the part of the environment that a child process inherits. */
export function environmentOf(heir: Heir, env: Environment): Record<string, string> {
  const given = VARIABLES.filter(({ heirs }) => heirs.includes(heir));
  return Object.fromEntries(given.flatMap(({ name }) => (env[name] ? [[name, env[name]]] : [])));
}
