import { fileURLToPath } from "node:url";

/** A repository elsewhere, as git is given it. */
export interface GitAddress {
  url: string;
  /** The host that git connects to; null for a repository on this machine. */
  host: string | null;
}

const MAX_LENGTH = 2_000;
const HOST = "([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)";
const USER = "[A-Za-z0-9_](?:[A-Za-z0-9._-]*)";
/** An address in full. Programs differ in what else they take for a host: all of it is refused. */
const FULL = new RegExp(`^(https|ssh)://(?:(${USER})@)?${HOST}(?::(\\d{1,5}))?(/[^?#"<>^\`{|}]+)$`, "i");
const SCP = new RegExp(`^(${USER})@${HOST}:([^:-][^:]*)$`);
/** A backslash divides host and path for some programs and not for others; the rest hides what an address says. */
const ODD = /[\\\s\p{C}\u{e0000}-\u{e007f}]/u;
const ENCODED_ODD = /%(?:[01][0-9a-f]|7f|5c)/i;

/** True for text in the short form of ssh, `git@host:path`. */
export function isShort(text: string): boolean {
  return SCP.test(text);
}

/**
 * Reads an address strictly, and gives it back put together from its parts: git gets what was checked. Returns the
 * reason for a refusal otherwise.
 */
export function parseGitAddress(text: string): GitAddress | { refused: string } {
  if (text.length > MAX_LENGTH) return { refused: `an address has at most ${MAX_LENGTH} characters` };
  if (!isShort(text) && !/^(?:https|ssh|file):/i.test(text))
    return { refused: "git repositories must use https, ssh, or a path on this machine" };
  if (ODD.test(text)) return { refused: "an address holds no backslash, space or control character" };
  if (ENCODED_ODD.test(text)) return { refused: "an address holds no encoded backslash or control character" };
  const short = SCP.exec(text);
  if (short) return shortAddress(short);
  if (/^file:/i.test(text)) return fileAddress(text);
  if (/^[^/]*\/\/[^/]*:[^/]*@/.test(text) || /^https:\/\/[^/]*@/i.test(text))
    return {
      refused: "credentials belong in git's credential helper, because Temporal keeps workflow input in the history",
    };
  const [, scheme = "", user, host = "", port, path = ""] = FULL.exec(text) ?? [];
  if (host === "" || host.includes("..")) return { refused: "it names no repository on a plain host" };
  if (/\.(tar\.gz|tgz)$/i.test(path)) return { refused: "archives must be on this machine, so download it first" };
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return { refused: `${port} is no port` };
  if (scheme.toLowerCase() === "https") return webAddress(text);
  if (!/^[\x21-\x7e]+$/.test(path)) return { refused: "other characters than ASCII must be percent-encoded" };
  const at = `${user === undefined ? "" : `${user}@`}${host.toLowerCase()}${port === undefined ? "" : `:${Number(port)}`}`;
  return { url: `ssh://${at}${path}`, host: host.toLowerCase() };
}

function webAddress(text: string): GitAddress | { refused: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.username || url.password || url.pathname.length < 2) return { refused: "it names no repository" };
  return { url: url.href, host: url.hostname };
}

function shortAddress([, user, host = "", path = ""]: string[]): GitAddress | { refused: string } {
  if (host.includes("..")) return { refused: "it names no repository on a plain host" };
  if (!/^[\x21-\x7e]+$/.test(path)) return { refused: "the short form takes ASCII characters; give an https address" };
  return { url: `${user}@${host.toLowerCase()}:${path}`, host: host.toLowerCase() };
}

function fileAddress(text: string): GitAddress | { refused: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.host !== "") return { refused: "git repositories must use https, ssh, or a path on this machine" };
  try {
    return { url: fileURLToPath(url), host: null };
  } catch {
    return { refused: "it is no path on this machine" };
  }
}
