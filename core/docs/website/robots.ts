/** What a host's robots.txt says to this program. */
export interface Robots {
  /** Whether a path with its query may be fetched. */
  allows(path: string): boolean;
  /** Seconds between requests that the host asks for; null for none. */
  delay: number | null;
}

const AGENT = "winnow";
/** Larger files are read up to here, as RFC 9309 section 2.5 allows. */
export const MAX_ROBOTS_BYTES = 512_000;
const MAX_RULES = 2_000;

interface Rule {
  allow: boolean;
  pattern: string;
}

export const ALL_ALLOWED: Robots = { allows: () => true, delay: null };

/** Reads robots.txt (RFC 9309): the groups of `winnow`, otherwise those of `*`. The longest matching rule decides. */
export function readRobots(text: string): Robots {
  const groups = { own: group(), all: group() };
  let agents: string[] = [];
  let inRules = false;
  for (const line of text.split(/\r\n|\r|\n/)) {
    // Without a regular expression: a line may be as long as the file.
    const plain = line.split("#", 1)[0]!;
    const at = plain.indexOf(":");
    const name = plain.slice(0, Math.max(at, 0)).trim().toLowerCase();
    const value = at < 0 ? "" : plain.slice(at + 1).trim();
    if (name === "user-agent") {
      agents = inRules ? [value.toLowerCase()] : [...agents, value.toLowerCase()];
      inRules = false;
    } else if (name === "allow" || name === "disallow" || name === "crawl-delay") {
      inRules = true;
      if (agents.some((agent) => agent.split("/")[0] === AGENT)) add(groups.own, name, value);
      if (agents.includes("*")) add(groups.all, name, value);
    }
  }
  const { rules, delay } = groups.own.named ? groups.own : groups.all;
  return { delay, allows: (path) => isAllowed(rules, path) };
}

function group() {
  return { rules: [] as Rule[], delay: null as number | null, named: false };
}

function add(to: ReturnType<typeof group>, name: string, value: string): void {
  to.named = true;
  const seconds = Number(value);
  if (name === "crawl-delay") to.delay = value !== "" && seconds >= 0 ? seconds : to.delay;
  else if (value !== "" && to.rules.length < MAX_RULES)
    to.rules.push({ allow: name === "allow", pattern: patternOf(value) });
}

/** `*` and a `$` at the end are signs; another `$` is a character. */
function patternOf(value: string): string {
  return normalised(value).replace(/\$(?!$)/g, "%24");
}

/** A path as rules are compared with it, RFC 9309 section 2.2.2. Its `*` and `$` are those that rules write as escapes. */
function pathOf(path: string): string {
  return normalised(path).replaceAll("*", "%2A").replaceAll("$", "%24");
}

/** Escapes blanks and characters outside ASCII, writes escapes in upper case, and undoes those of unreserved characters. */
function normalised(path: string): string {
  return path.replace(/%[\da-f]{2}|[^!-~]/giu, (found) => {
    if (!found.startsWith("%")) return encodeURIComponent(found);
    const character = String.fromCharCode(Number.parseInt(found.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : found.toUpperCase();
  });
}

function isAllowed(rules: Rule[], given: string): boolean {
  const path = pathOf(given);
  const matching = rules.filter(({ pattern }) => matches(pattern, path));
  const longest = Math.max(0, ...matching.map(({ pattern }) => pattern.length));
  const decisive = matching.filter(({ pattern }) => pattern.length === longest);
  return decisive.length === 0 || decisive.some(({ allow }) => allow);
}

/** Matches from the path's beginning: `*` is any text, `$` at the end is the path's end. Takes linear time. */
function matches(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith("$");
  const parts = (isWhole ? pattern.slice(0, -1) : pattern).split("*");
  const last = parts.length - 1;
  if (!path.startsWith(parts[0]!)) return false;
  let at = parts[0]!.length;
  for (const part of parts.slice(1, last)) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  if (last === 0) return !isWhole || path.length === at;
  if (isWhole) return path.length - parts[last]!.length >= at && path.endsWith(parts[last]!);
  return path.indexOf(parts[last]!, at) >= 0;
}
