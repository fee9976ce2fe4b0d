import { existsSync, realpathSync } from "node:fs";
import { resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { WinnowError } from "../base/errors.ts";
import { corpusName } from "./corpusName.ts";

/** Source of docs: a folder or archive on this machine, or a commit of a git repository. */
export type SourceSpec = { kind: "local"; path: string } | GitSpec;

export interface GitSpec {
  kind: "git";
  /** Address for git: https, ssh, or an absolute path. */
  url: string;
  /** Branch, tag or commit; "HEAD" is the repository's default branch. */
  ref: string;
  /** Host of a remote repository; null for one on this machine. */
  host: string | null;
}

/** Sources that the operator allows in workflow input. */
export interface SourcePolicy {
  /** Folders that docs and repositories must lie below; null allows any folder on this machine. */
  roots: string[] | null;
  /** Hosts that git may contact. */
  hosts: string[];
}

const REF = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/;
const SCP = /^[A-Za-z0-9][\w.-]*@([A-Za-z0-9][A-Za-z0-9.-]*):[^\s:-][^\s:]*$/;

/**
 * Parses a source as users write it: `PATH`, `PATH.tar.gz`, `https://host/repo#ref`, `ssh://...`, `git@host:repo#ref`,
 * `file:///repo#ref`, `/repo#ref`. Rejects text that git could read as an option or a helper. Throws BadSource.
 */
export function parseSource(text: string, base: string): SourceSpec {
  const local = resolve(base, text);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):(:|\/\/)/.exec(text);
  const [address, ref] = splitRef(text);
  const host = SCP.exec(address)?.[1];
  if (!scheme && !host && (ref === null || existsSync(local))) return { kind: "local", path: local };
  const checked = ref ?? "HEAD";
  if (!REF.test(checked) || checked.includes("..") || checked.endsWith(".lock"))
    throw refused(text, `"${ref}" is not a name of a branch, tag or commit`);
  if (host) return { kind: "git", url: address, ref: checked, host: host.toLowerCase() };
  if (!scheme) return { kind: "git", url: resolve(base, address), ref: checked, host: null };
  return { kind: "git", ref: checked, ...addressOf(address, text) };
}

/** The source as text that `parseSource` parses in any process. */
export function sourceText(source: SourceSpec): string {
  return source.kind === "git" ? `${source.url}#${source.ref}` : source.path;
}

/** Default name of the corpus. */
export function sourceName(source: SourceSpec): string {
  return corpusName(source.kind === "git" ? source.url.replace(/(\/|\.git)+$/, "") : source.path);
}

/** Throws BadSource if the operator does not allow the place, or if it does not exist. */
export function permitSource(source: SourceSpec, { roots, hosts }: SourcePolicy): void {
  if (source.kind === "git" && source.host !== null) {
    if (hosts.includes(source.host)) return;
    throw refused(source.url, `host ${source.host} is not one of ${hosts.join(", ") || "none"} (WINNOW_GIT_HOSTS)`);
  }
  const path = source.kind === "git" ? source.url : source.path;
  permitFile(path, "docs.path", { roots });
}

/** Throws BadSource unless `path` exists and lies below one of the operator's roots. `field` names it in errors. */
export function permitFile(path: string, field: string, { roots }: Pick<SourcePolicy, "roots">): void {
  if (!existsSync(path)) throw new WinnowError("BadSource", `${field}: ${path} does not exist`);
  if (roots === null) return;
  const real = realpathSync(path);
  const inside = roots.some((root) => existsSync(root) && `${real}${sep}`.startsWith(`${realpathSync(root)}${sep}`));
  if (!inside) throw refused(path, `it does not lie below ${roots.join(" or ")} (WINNOW_DOCS_ROOTS)`, field);
}

function splitRef(text: string): [string, string | null] {
  const at = text.lastIndexOf("#");
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function addressOf(address: string, text: string): { url: string; host: string | null } {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol === "file:" && url.host === "") return { url: fileURLToPath(url), host: null };
  if (url?.protocol !== "https:" && url?.protocol !== "ssh:")
    throw refused(text, "git repositories must use https, ssh, or a path on this machine");
  if (!/^[A-Za-z0-9]/.test(url.hostname) || url.pathname.length < 2) throw refused(text, "it names no repository");
  if (url.password !== "" || (url.username !== "" && url.protocol === "https:"))
    throw refused(
      text,
      "credentials belong in git's credential helper, because Temporal keeps workflow input in the history",
    );
  if (/\.(tar\.gz|tgz)$/i.test(url.pathname))
    throw refused(text, "archives must be on this machine, so download it first");
  return { url: address, host: url.hostname.toLowerCase() };
}

function refused(source: string, why: string, field = "docs.path"): WinnowError {
  return new WinnowError("BadSource", `${field}: ${JSON.stringify(source)} is refused: ${why}.`);
}
