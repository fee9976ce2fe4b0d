import type { RootContent } from "mdast";
import { itemsOf, type Located, member, membersOf, stringOf } from "../../text/located.ts";
import { blocksOf, example, paragraph, table } from "./blocks.ts";
import { moreBlocks } from "./schema.ts";
import { firstLineOf, follow, refName, type Scope, scalar, spanOf, textLines, texts } from "./scope.ts";
import { securityText, serverBlocks } from "./servers.ts";
import { bodyBlocks, parameterDetails, parameterRow, responseBlocks } from "./values.ts";

export const PARAMETERS = ["Parameter", "In", "Type", "Required", "Description"];
/** Callbacks hold operations, which may hold callbacks. */
const MAX_CALLBACKS = 4;
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/** An operation of a path, a webhook or a callback. */
export interface Operation {
  method: string;
  path: string;
  node: Located;
  /** What its path says for all its operations. */
  item: Located;
  scope: Scope;
  /** Scope of `item`. */
  above: Scope;
}

/** The operations of a map of paths, which may be references. A path without one shows what it says itself. */
export function operationsIn(paths: Located | undefined, scope: Scope): Operation[] {
  return membersOf(paths).flatMap(([path, given]) => {
    const { node: item, scope: inner } = follow(given, scope);
    const named = METHODS.flatMap((method): [string, Located][] => {
      const node = member(item, method);
      return node ? [[method, node]] : [];
    });
    const operations = [...named, ...membersOf(member(item, "additionalOperations"))]
      .filter(([, node]) => node.value instanceof Map)
      .map(([method, node], i) => {
        // Above its first operation, what a path says stands in its place; for the others it is a shared definition.
        const above = i === 0 ? inner : { ...inner, at: inner.at ?? node.named ?? node.line };
        return { method: method.toUpperCase(), path, node, item, scope: inner, above };
      });
    const isShown = operations.length > 0 || !(item.value instanceof Map) || item.value.size === 0;
    if (isShown) return operations;
    return [{ method: "", path, node: item, item: { ...item, value: null }, scope: inner, above: inner }];
  });
}

export function titleOf({ method, path, node }: Operation): string {
  const summary = stringOf(member(node, "summary")).trim();
  const deprecated = member(node, "deprecated")?.value === true ? " (deprecated)" : "";
  const name = method === "" ? path : `${method} ${path}`;
  return `${name}${summary === "" ? "" : `: ${summary}`}${deprecated}`;
}

/** All that an operation's section shows. */
export function operationBlocks(operation: Operation, depth = 0): RootContent[] {
  const { node, item, scope, above } = operation;
  const seen = new Set<string>();
  return [
    ...blocksOf(textLines(member(node, "description"), scope)),
    ...blocksOf(textLines(member(item, "summary"), above)),
    ...blocksOf(textLines(member(item, "description"), above)),
    ...moreBlocks(node, scope),
    ...factBlocks(node, scope),
    ...serverBlocks(member(item, "servers"), above),
    ...serverBlocks(member(node, "servers"), scope),
    ...parameterBlocks(operation),
    ...bodyBlocks(member(node, "requestBody"), scope, seen),
    ...membersOf(member(node, "responses")).flatMap(([code, response]) => responseBlocks(code, response, scope, seen)),
    ...callbackBlocks(member(node, "callbacks"), scope, depth),
    ...sampleBlocks(node, scope),
  ];
}

function factBlocks(node: Located, scope: Scope): RootContent[] {
  const fact = (name: string, label: string, text: (value: Located) => string) => {
    const value = member(node, name);
    const words = value ? text(value) : "";
    return value && words !== "" ? [paragraph(`${label}: ${words}`, spanOf(value, scope))] : [];
  };
  const list = (value: Located) => texts(value).join(", ");
  return [
    ...fact("operationId", "Operation ID", scalar),
    ...fact("tags", "Tags", (value) => (itemsOf(value).length > 1 ? list(value) : "")),
    ...fact("security", "Security", securityText),
    ...fact("schemes", "Schemes", list),
    ...fact("consumes", "Consumes", list),
    ...fact("produces", "Produces", list),
  ];
}

/** Parameters of the operation, then those of its path that it does not replace. */
function parameterBlocks({ node, item, scope, above }: Operation): RootContent[] {
  const own = itemsOf(member(node, "parameters")).map((one) => follow(one, scope));
  const key = (one: Located) => `${scalar(member(one, "in"))} ${scalar(member(one, "name"))}`;
  const replaced = new Set(own.map((one) => key(one.node)));
  const shared = itemsOf(member(item, "parameters")).map((one) => follow(one, above));
  const all = [...own, ...shared.filter((one) => !replaced.has(key(one.node)))];
  return [
    ...table(
      PARAMETERS,
      all.map((one) => parameterRow(one.node, one.scope, one.unread)),
    ),
    ...all.flatMap((one) => parameterDetails(one.node, one.scope)),
  ];
}

/** The operations of a map of callbacks, each under a paragraph with its name. */
export function callbackBlocks(callbacks: Located | undefined, scope: Scope, depth = 0): RootContent[] {
  return membersOf(callbacks).flatMap(([name, given]) => {
    const { node, scope: inner, unread } = follow(given, scope);
    if (unread !== null || depth >= MAX_CALLBACKS)
      return [paragraph(`Callback ${name}: ${refName(unread ?? "")}`, firstLineOf(given, scope))];
    return operationsIn(node, inner).flatMap((operation) => [
      paragraph(`Callback ${name}: ${titleOf(operation)}`, firstLineOf(operation.node, operation.scope)),
      ...operationBlocks(operation, depth + 1),
    ]);
  });
}

/** Redoc's extension: requests in several languages. */
function sampleBlocks(node: Located, scope: Scope): RootContent[] {
  const samples = [...itemsOf(member(node, "x-codeSamples")), ...itemsOf(member(node, "x-code-samples"))];
  return samples.flatMap((sample) => {
    const source = member(sample, "source");
    const language = scalar(member(sample, "lang"));
    return source
      ? example(
          `Sample ${scalar(member(sample, "label")) || language}`,
          textLines(source, scope),
          language.toLowerCase(),
        )
      : [];
  });
}
