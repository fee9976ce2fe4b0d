import { statesVersion, VERSION } from "../docs/versionStatement.ts";

const ASKS_FOR_STATE =
  /\b(?:feature[- ](?:gates?|state)|alpha|beta|ga|stable|experimental|deprecat\w+|removed|(?:enabled|on|off|disabled) by default|(?:since|which|what|from) version|graduat\w+)\b/i;
const OF_FEATURE = /\b(?:state|status|stage|maturity) of (?:\S+ ){1,5}(?:feature|support)\b/i;
const OF_NAMED = /\b(?:state|status|stage|maturity)(?: of\b|\W*$)/i;

/** True if a question names a version, or asks whether a feature exists, is on, or still exists. */
export function asksForState(question: string): boolean {
  return VERSION.test(question) || ASKS_FOR_STATE.test(question) || OF_FEATURE.test(question);
}

/** True if a question asks for the state of its subject. The caller must know whether that subject has stages. */
export function asksForStateOf(question: string): boolean {
  return OF_NAMED.test(question);
}

/** The first such line, or null. */
export function stateOf(lines: readonly string[]): string | null {
  return lines.find(statesVersion)?.trim() ?? null;
}
