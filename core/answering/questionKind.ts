/** What kind of text answers a question, as far as its words tell. */
export interface QuestionKind {
  /** A command, manifest or setting is wanted. */
  wantsCode: boolean;
  /** A definition is wanted. */
  wantsDefinition: boolean;
  /** A number, default or limit is wanted. */
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
