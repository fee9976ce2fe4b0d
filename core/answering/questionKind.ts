/** Kind of text that answers a question, judged by the question's words. */
export interface QuestionKind {
  /** Asks for a command, manifest or setting. */
  wantsCode: boolean;
  /** Asks for a definition. */
  wantsDefinition: boolean;
  /** Asks for a number, default or limit. */
  wantsValue: boolean;
}

const CODE =
  /\b(?:how (?:to|do|can|would)|commands?|examples?|sample|ya?ml|json|manifest|syntax|snippet|script|flags?|cli|run|print|curl)\b|`|(?:^|\s)--?[a-z]/i;
const DEFINITION = /^(?:what(?:'s| is| are| does)|define|explain)\b|\b(?:mean|meaning|difference between)\b|\bvs\.?\b/i;
const VALUE =
  /\b(?:default|maximum|minimum|max|min|limit|how (?:many|much|long|often|big|large)|ports?|size|timeout|version|number|seconds|minutes)\b/i;

export function kindOf(question: string): QuestionKind {
  return {
    wantsCode: CODE.test(question),
    wantsDefinition: DEFINITION.test(question.trim()),
    wantsValue: VALUE.test(question),
  };
}
