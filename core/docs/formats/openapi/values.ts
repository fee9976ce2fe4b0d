import type { RootContent } from "mdast";
import { groupBy } from "../../../base/groupBy.ts";
import { type Located, member, membersOf, stringOf } from "../../text/located.ts";
import { blocksOf, example, labelled, paragraph, type Row, table } from "./blocks.ts";
import { describedCell, exampleLines, fieldTable, notationOf, outline, ownSpan } from "./schema.ts";
import { firstLineOf, follow, refOf, type Scope, scalar, spanOf, textLines } from "./scope.ts";
import { typeAndLimits, typeOf } from "./types.ts";

const HEADERS = ["Header", "Type", "Required", "Description"];

/** A parameter or header as a row. `unread` is a reference that was not followed. */
export function parameterRow(node: Located, scope: Scope, unread: string | null = null): Row {
  const schema = schemaOf(node);
  const isBody = scalar(member(node, "in")) === "body";
  const type = isBody ? typeOf(schema) : typeAndLimits(schema ?? node);
  const flags = ["deprecated", "allowEmptyValue"].filter((name) => schema && member(node, name)?.value === true);
  const example = member(node, "example");
  const shown = schema && example && typeof example.value !== "object" ? [`example: ${scalar(example)}`] : [];
  return {
    cells: [
      scalar(member(node, "name")) || (unread ?? ""),
      scalar(member(node, "in")),
      [type, ...flags, ...shown].filter((part) => part !== "").join("; "),
      member(node, "required")?.value === true ? "required" : "",
      joinedCell(node, schema, scope),
    ],
    lines: spanOf(node, scope),
  };
}

/** Descriptions of a parameter and of its schema, once if they are equal. */
function joinedCell(node: Located, schema: Located | undefined, scope: Scope) {
  const own = describedCell(node, scope);
  if (!schema || refOf(schema) !== "") return own;
  const inner = describedCell(schema, scope);
  if (inner.length === 0 || stringOf(member(schema, "description")) === stringOf(member(node, "description")))
    return own;
  return own.length === 0 ? inner : [...own, { type: "text", value: " " } as const, ...inner];
}

/** The fields and examples of a parameter that is more than a word. */
export function parameterDetails(node: Located, scope: Scope): RootContent[] {
  const name = scalar(member(node, "name"));
  const schema = schemaOf(node) ?? node;
  const isBody = scalar(member(node, "in")) === "body";
  return [
    ...(refOf(schema) === "" ? fieldTable(schema, scope, isBody ? "" : name) : isBody ? outline(schema, scope) : []),
    ...exampleBlocks(node, scope, name),
  ];
}

/** The schema of a parameter or header, which may stand in its only media type. */
function schemaOf(node: Located): Located | undefined {
  return member(node, "schema") ?? member(membersOf(member(node, "content"))[0]?.[1], "schema");
}

export function bodyBlocks(given: Located | undefined, scope: Scope, seen: Set<string>): RootContent[] {
  if (given === undefined) return [];
  const { node, scope: inner, unread } = follow(given, scope);
  const required = member(node, "required")?.value === true ? " (required)" : "";
  const label = `Request body${required}${unread === null ? "" : `: ${unread}`}`;
  return [
    ...labelled(label, blocksOf(textLines(member(node, "description"), inner)), firstLineOf(given, scope)),
    ...contentBlocks(node, inner, seen),
  ];
}

export function responseBlocks(code: string, given: Located, scope: Scope, seen: Set<string>): RootContent[] {
  const { node, scope: inner, unread } = follow(given, scope);
  const told = ["summary", "description"].flatMap((name) => blocksOf(textLines(member(node, name), inner)));
  const schema = member(node, "schema");
  const examples = membersOf(member(node, "examples"));
  return [
    ...labelled(`Response ${code}${unread === null ? "" : `: ${unread}`}`, told, firstLineOf(given, scope)),
    ...table(HEADERS, headerRows(member(node, "headers"), inner)),
    ...membersOf(member(node, "headers")).flatMap(([, header]) => {
      const found = follow(header, inner);
      return parameterDetails(found.node, found.scope);
    }),
    ...(schema ? valueBlocks("", schema, inner, seen) : []),
    ...contentBlocks(node, inner, seen),
    ...examples.flatMap(([type, value]) => codeOf(`Example ${type}`, value, inner, type)),
    ...membersOf(member(node, "links")).flatMap(([name, link]) => linkBlocks(name, link, inner)),
  ];
}

function headerRows(headers: Located | undefined, scope: Scope): Row[] {
  return membersOf(headers).map(([name, given]) => {
    const { node, scope: inner, unread } = follow(given, scope);
    const [, , type, required, description] = parameterRow(node, inner, unread).cells;
    return { cells: [name, type!, required!, description!], lines: spanOf(given, inner) };
  });
}

/** The media types of a body, with types that share one schema in one line. */
function contentBlocks(body: Located, scope: Scope, seen: Set<string>): RootContent[] {
  const media = membersOf(member(body, "content"));
  const byRef = groupBy(media, ([, node]) => refOf(member(node, "schema")));
  return media.flatMap(([type, node]) => {
    const schema = member(node, "schema") ?? member(node, "itemSchema");
    const ref = refOf(member(node, "schema"));
    const alike = ref === "" ? [[type]] : byRef.get(ref)!;
    return [
      ...(alike[0]![0] === type
        ? valueBlocks(alike.map(([name]) => name).join(", "), schema ?? node, scope, seen)
        : []),
      ...exampleBlocks(node, scope, type),
      ...membersOf(member(node, "encoding")).flatMap(([, one]) =>
        table(HEADERS, headerRows(member(one, "headers"), scope)),
      ),
    ];
  });
}

/** A value's type in a line, then its fields: all of them if it is written here, else the first ones. */
function valueBlocks(label: string, schema: Located, scope: Scope, seen: Set<string>): RootContent[] {
  const type = typeAndLimits(schema);
  const [line] = spanOf(schema, scope);
  const words = [label, type].filter((part) => part !== "").join(": ");
  const told = refOf(schema) === "" ? ["title", "description"] : [];
  const described = told.flatMap((name) => blocksOf(textLines(member(schema, name), scope)));
  const fields = fieldTable(schema, scope);
  const isKnown = seen.has(type) && fields.length === 0;
  seen.add(type);
  return [
    ...(words === "" ? [] : [paragraph(words, [line, ownSpan(schema, scope)[1]])]),
    ...described,
    ...(fields.length > 0 ? fields : isKnown ? [] : outline(schema, scope)),
  ];
}

/** `example` and `examples` of a media type or parameter (Example Object). */
function exampleBlocks(node: Located, scope: Scope, type: string): RootContent[] {
  const one = member(node, "example");
  const isWord = one === undefined || one.value === null || typeof one.value !== "object";
  return [
    ...(isWord && !(typeof one?.value === "string" && type.includes("/")) ? [] : codeOf("Example", one!, scope, type)),
    ...membersOf(member(node, "examples")).flatMap(([name, given]) => {
      const { node: found, scope: inner, unread } = follow(given, scope);
      const summary = scalar(member(found, "summary"));
      const value = member(found, "value") ?? member(found, "dataValue") ?? member(found, "serializedValue");
      const elsewhere = unread ?? scalar(member(found, "externalValue"));
      const label = `Example ${name}${elsewhere === "" ? "" : ` (${elsewhere})`}`;
      const told = blocksOf(textLines(member(found, "summary"), inner));
      return [
        // Without a summary, the code has the label as its title.
        ...(value && told.length === 0 ? [] : labelled(label, told, firstLineOf(given, scope))),
        ...blocksOf(textLines(member(found, "description"), inner)),
        ...(value ? codeOf(summary === "" ? `Example ${name}` : "Example", value, inner, type) : []),
      ];
    }),
  ];
}

function codeOf(title: string, value: Located, scope: Scope, type: string): RootContent[] {
  const lines = exampleLines(value, scope);
  const isText = typeof value.value === "string";
  const language = isText
    ? (/json|xml|yaml|html/.exec(type)?.[0] ?? "")
    : lines[0]?.text.startsWith("{")
      ? "json"
      : notationOf(scope);
  return example(title, lines, language);
}

function linkBlocks(name: string, given: Located, scope: Scope): RootContent[] {
  const { node, scope: inner, unread } = follow(given, scope);
  const target = scalar(member(node, "operationId")) || scalar(member(node, "operationRef")) || (unread ?? "");
  const label = `Link ${name}${target === "" ? "" : ` to ${target}`}`;
  return labelled(label, blocksOf(textLines(member(node, "description"), inner)), firstLineOf(given, scope));
}
