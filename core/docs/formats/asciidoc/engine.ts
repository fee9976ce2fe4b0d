import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Context, createContext, Script } from "node:vm";
import type { Document } from "@asciidoctor/core";

export interface Converted {
  /** Title of the document's header in HTML; "" for none. */
  title: string;
  html: string;
}

interface Scope {
  source: string;
  attributes: string;
  prepare(doc: Document): void;
  result: { doc: Document; html?: string } | null;
  failure: unknown;
}

/** Thrown when Asciidoctor itself fails on a page. */
export class NotConverted extends Error {}

/** Stands for the modules of Node that Asciidoctor asks for. It reaches no file and no host. */
const REQUIRE = `(() => {
  const require = () => ({ createRequire: () => require, pathToFileURL: () => ({ href: "file:///a/b/c/d" }) });
  return require;
})()`;
/** Columns, rows and repetitions that one mark of a table may ask for, and columns that code is indented by. */
const MOST = { cells: 1_000, blanks: 40 };
/**
 * Places where Asciidoctor makes as much as a page asks for, whatever it is: ten characters would fill the memory before
 * the time limit ends the work.
 */
const UNBOUNDED: readonly [string, string][] = [
  ["length: parseInt(records, 10)", `length: Math.min(${MOST.cells}, parseInt(records, 10))`],
  ["repeat = m[1] ? parseInt(m[1], 10) : 1", `repeat = m[1] ? Math.min(${MOST.cells}, parseInt(m[1], 10)) : 1`],
  ["colspec ? parseInt(colspec, 10) : 1", `colspec ? Math.min(${MOST.cells}, parseInt(colspec, 10)) : 1`],
  ["rowspec ? parseInt(rowspec, 10) : 1", `rowspec ? Math.min(${MOST.cells}, parseInt(rowspec, 10)) : 1`],
  ["' '.repeat(indentSize)", `' '.repeat(Math.min(${MOST.blanks}, indentSize))`],
  ["' '.repeat(spaces)", `' '.repeat(Math.min(${MOST.blanks}, spaces))`],
];
/** A passthrough block leaves no element to carry its lines. */
const MARK_PASSES = `{
  const { Html5Converter } = asciidoctor;
  const bare = Html5Converter.prototype.convert_pass;
  Html5Converter.prototype.convert_pass = async function (node) {
    return '<div class="' + (node.role ?? "") + '">' + (await bare.call(this, node)) + "</div>";
  };
}`;
const LOAD = new Script(`
  result = null;
  failure = null;
  asciidoctor
    .load(source, { safe: "secure", sourcemap: true, logger: null, attributes: JSON.parse(attributes) })
    .then((doc) => { result = { doc }; }, (error) => { failure = error; });
`);
const CONVERT = new Script(`
  result.doc.convert().then((html) => { result.html = html; }, (error) => { failure = error; });
`);

/**
 * Asciidoctor in a context of its own, loaded by the first page. Its API is asynchronous but waits for nothing outside,
 * so the context runs it to its end: `microtaskMode` settles its promises before a script returns, inside the time
 * limit of `bounded`. The context has no files, network or process.
 */
export class Asciidoctor {
  private context: Context | null = null;

  /** Converts lines of AsciiDoc to HTML. `prepare` may change the parsed document. */
  convert(lines: readonly string[], attributes: Record<string, string | null>, prepare: Scope["prepare"]): Converted {
    const context = this.context ?? open();
    // Work that is interrupted leaves promises open. The context comes back only after work that ended.
    this.context = null;
    try {
      return convertIn(context, lines, attributes, prepare);
    } finally {
      // An interruption by `vm` runs no finally.
      this.context = context;
    }
  }
}

function convertIn(
  context: Context,
  lines: readonly string[],
  attributes: Record<string, string | null>,
  prepare: Scope["prepare"],
): Converted {
  const scope = context as unknown as Scope;
  scope.source = lines.join("\n");
  scope.attributes = JSON.stringify(attributes);
  const { doc } = settled(scope, LOAD, context);
  prepare(doc);
  const title = String((doc.header as { title?: string | null } | null)?.title ?? "");
  const { html = "" } = settled(scope, CONVERT, context);
  scope.result = null;
  return { title, html };
}

function settled(scope: Scope, step: Script, context: Context): NonNullable<Scope["result"]> {
  step.runInContext(context);
  if (scope.failure === null) return scope.result!;
  const { name, message } = scope.failure as Error;
  // Errors of the context are of its own classes. A RangeError means that the page nests too deeply.
  throw name === "RangeError" ? new RangeError(message) : new NotConverted(message);
}

/** All contexts of the process. Node 20 may crash when one is collected whose promises are open. */
const kept: Context[] = [];

function open(): Context {
  const filename = createRequire(import.meta.url).resolve("@asciidoctor/core");
  const context = createContext(
    { TextEncoder, TextDecoder, URL },
    { microtaskMode: "afterEvaluate", codeGeneration: { strings: false, wasm: false } },
  );
  const code = `(function (require, exports, __filename) {${withLimits(readFileSync(filename, "utf8"))}
  })(${REQUIRE}, (globalThis.asciidoctor = {}), "")`;
  new Script(code, { filename }).runInContext(context);
  new Script(MARK_PASSES).runInContext(context);
  kept.push(context);
  return context;
}

/** Asciidoctor's code with limits. Throws where a release of it has other code. */
function withLimits(code: string): string {
  return UNBOUNDED.reduce((bounded, [from, to]) => {
    if (!bounded.includes(from)) throw new Error(`@asciidoctor/core has no "${from}" to limit`);
    return bounded.replaceAll(from, to);
  }, code);
}
