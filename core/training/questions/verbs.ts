/** Verbs that begin headings of technical docs, in their base form. */
const VERBS =
  "access add adjust adopt allocate allow analyze annotate append apply approve assign associate attach audit authenticate " +
  "authorize autoscale avoid back balance bind bootstrap bring build calculate call cancel change check choose clean clear " +
  "clone collect combine communicate compare compile compute concatenate configure connect constrain consume contain control " +
  "convert copy count create customize debug declare decode decommission define delete deny deploy deprecate describe " +
  "design detach detect determine develop diagnose disable discover display distribute download drain edit elect embed enable " +
  "encode encrypt enforce ensure evict examine execute expand explore expose extend extract fetch filter find fix follow " +
  "force format forward generate get give grant group guarantee handle hide identify ignore impersonate implement import " +
  "improve increase inject inspect install integrate interact invoke isolate join keep label launch let limit list load " +
  "lock log look loop maintain make manage map mark measure merge migrate minimize mirror mitigate modify monitor mount " +
  "move name obtain open operate optimize order organize overcommit override package parse partition pass patch pause " +
  "perform persist pick place plan point populate port prepare preserve prevent print prioritize process produce protect " +
  "provide provision prune publish pull push put query read rebalance receive record recover reduce refer refresh register " +
  "reject release reload remove rename renew replace replicate report request require reschedule reserve reset resize resolve " +
  "restart restore restrict resume retain retrieve retry reuse revert review revoke roll rotate route run save scale " +
  "scan schedule secure see select send separate serve set share show shrink sign simulate skip specify split start stop " +
  "store stream submit support suspend switch sync taint tag target terminate test throttle trace track train transfer " +
  "troubleshoot try tune turn understand uninstall unmount update upgrade upload use validate verify version view visualize wait " +
  "warm watch work wrap write";

const IRREGULAR: Record<string, string> = {
  get: "getting",
  put: "putting",
  set: "setting",
  run: "running",
  stop: "stopping",
  debug: "debugging",
  tag: "tagging",
  log: "logging",
  map: "mapping",
  scan: "scanning",
  skip: "skipping",
  plan: "planning",
  submit: "submitting",
  commit: "committing",
  split: "splitting",
  wrap: "wrapping",
  let: "letting",
  format: "formatting",
  reset: "resetting",
  cancel: "canceling",
  label: "labeling",
  see: "seeing",
  overcommit: "overcommitting",
  permit: "permitting",
};

const ENDS_IN_SILENT_E = /[^eoy]e$/;

function gerundOf(verb: string): string {
  return IRREGULAR[verb] ?? `${ENDS_IN_SILENT_E.test(verb) ? verb.slice(0, -1) : verb}ing`;
}

const BASE_FORMS = new Set(VERBS.split(" "));
const BY_GERUND = new Map(VERBS.split(" ").map((verb) => [gerundOf(verb), verb]));
for (const [base, gerund] of [
  ["cancel", "cancelling"],
  ["label", "labelling"],
] as const)
  BY_GERUND.set(gerund, base);

/** True for a verb in its base form, in any case: `Create`. */
export function isBaseVerb(word: string): boolean {
  return BASE_FORMS.has(word.toLowerCase());
}

/** The base form of a word that is a known gerund ("Creating" -> "create"), else null. */
export function baseOfGerund(word: string): string | null {
  return BY_GERUND.get(word.toLowerCase()) ?? null;
}

/**
 * The task that a heading names, as an imperative: "Creating a Deployment", "Create a Deployment" and "How to create a
 * Deployment" all give "create a Deployment". Null for a heading that names a thing. A gerund followed by one word
 * ("Logging Architecture") is treated as a thing.
 */
export function taskOf(heading: string): string | null {
  const words = heading.replace(/^how (?:to|do (?:i|you)|can (?:i|you))\s+/i, "").split(/\s+/);
  const [first = "", ...rest] = words;
  if (rest.length === 0) return null;
  const gerund = rest.length > 1 ? baseOfGerund(first) : null;
  const base = gerund ?? (isBaseVerb(first) && !isNounHere(rest[0]!) ? first.toLowerCase() : null);
  return base === null ? null : [base, ...rest.map(asOrder)].join(" ");
}

/** True if the next word makes the verb a noun: "Access Control" is a thing, "Access the API" is a task. */
function isNounHere(next: string): boolean {
  return /^(?:modes?|types?|policy|policies|control|limits?|options?|plugins?|process|state|status|strategy|requirements|versions?|names?|fields?|and|of|in|for)$/i.test(
    next,
  );
}

/** Converts a second gerund after "and" too: "Creating and updating a Pod" -> "create and update a Pod". */
function asOrder(word: string, index: number, words: string[]): string {
  const base = words[index - 1]?.toLowerCase() === "and" ? baseOfGerund(word) : null;
  return base ?? word;
}
