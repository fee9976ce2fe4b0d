/** True in the installed package, which holds compiled modules; false for sources, which tsx runs. */
export const COMPILED = import.meta.url.endsWith(".js");

/**
 * URL of a module that is named by its source, such as `./child.ts`; in the package, of the compiled module beside it.
 *
 * @param from URL of the module that the name is relative to
 */
export function ownModule(source: string, from: string): URL {
  return new URL(COMPILED ? source.replace(/\.tsx?$/, ".js") : source, from);
}

/** Options of Node for a process that runs one of these modules. */
export function nodeOptions(): string[] {
  return COMPILED ? [] : ["--import", import.meta.resolve("tsx")];
}

/** The command that runs set-up. */
export const SET_UP = COMPILED ? "winnow setup" : "npm run setup";

/** The command that builds a release of the sample docs, or of those that `--docs` names, and serves it. */
export const START = COMPILED
  ? { sample: "winnow up", own: "winnow up --docs PATH" }
  : { sample: "npm start", own: "npm start -- --docs PATH" };
