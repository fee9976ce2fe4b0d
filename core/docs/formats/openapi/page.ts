import type { Heading, Root, RootContent } from "mdast";
import { groupBy } from "../../../base/groupBy.ts";
import { itemsOf, type Located, member, membersOf, stringOf } from "../../text/located.ts";
import { inline } from "../../units.ts";
import { anchorPart, blocksOf, heading, labelled, markdownOf, paragraph, table } from "./blocks.ts";
import { callbackBlocks, type Operation, operationBlocks, operationsIn, PARAMETERS, titleOf } from "./operation.ts";
import { moreBlocks, schemaBlocks } from "./schema.ts";
import { firstLineOf, pointedAt, pointerStep, type Scope, scalar, scopeOf, spanOf, textLines } from "./scope.ts";
import { hostBlocks, schemeBlocks, securityText, serverBlocks } from "./servers.ts";
import { bodyBlocks, parameterDetails, parameterRow, responseBlocks } from "./values.ts";

/** The tree of a description. Its headings have the anchors of Redoc. `text` is the file. */
export function pageOf(root: Located, text: string): Root {
  const scope = scopeOf(root, text);
  const children = [
    ...introduction(root, scope),
    ...authentication(root, scope),
    ...tagSections(root, scope),
    ...webhookSections(root, scope),
    ...schemaSections(root, scope),
  ];
  return { type: "root", children: [...children, ...otherSections(root, scope)] };
}

/** Text up to the first heading of the description, then facts, then the sections of the description. */
function introduction(root: Located, scope: Scope): RootContent[] {
  const info = member(root, "info");
  const security = member(root, "security");
  const told = markdownOf(textLines(member(info, "description"), scope));
  const cut = told.findIndex(({ type }) => type === "heading");
  const [above, below] = cut < 0 ? [told, []] : [told.slice(0, cut), told.slice(cut)];
  return [
    ...blocksOf(textLines(member(info, "summary"), scope)),
    ...above,
    ...infoFacts(info, scope),
    ...serverBlocks(member(root, "servers"), scope),
    ...hostBlocks(root, scope),
    ...(security ? [paragraph(`Security: ${securityText(security)}`, spanOf(security, scope))] : []),
    ...moreBlocks(root, scope),
    ...anchored(below),
  ];
}

function infoFacts(info: Located | undefined, scope: Scope): RootContent[] {
  const line = (label: string, name: string, parts: (value: Located) => string[]) => {
    const value = member(info, name);
    const words = value ? parts(value).filter((part) => part !== "") : [];
    return value && words.length > 0 ? [paragraph(`${label}: ${words.join(", ")}`, spanOf(value, scope))] : [];
  };
  const of = (names: string[]) => (value: Located) => names.map((name) => scalar(member(value, name)));
  return [
    ...line("Version", "version", (value) => [scalar(value)]),
    ...line("Terms of service", "termsOfService", (value) => [scalar(value)]),
    ...line("Contact", "contact", of(["name", "email", "url"])),
    ...line("License", "license", of(["name", "identifier", "url"])),
  ];
}

/** Headings of a description as Redoc anchors them: those of the second level below the one of the first. */
function anchored(blocks: RootContent[]): RootContent[] {
  let first = "";
  return blocks.map((node) => {
    if (node.type !== "heading") return node;
    const name = anchorPart(inline(node));
    if (node.depth === 1) first = name;
    const path = node.depth === 1 || first === "" ? name : `${first}/${name}`;
    const mark = { type: "text", value: ` {#section/${path}}` } as const;
    return node.depth > 2 ? node : ({ ...node, children: [...node.children, mark] } satisfies Heading);
  });
}

function authentication(root: Located, scope: Scope): RootContent[] {
  const schemes = [
    ...membersOf(member(member(root, "components"), "securitySchemes")),
    ...membersOf(member(root, "securityDefinitions")),
  ];
  const [first] = schemes;
  if (!first) return [];
  const [line] = spanOf(first[1], scope);
  return [
    heading(1, "Authentication", "section/Authentication", line),
    ...schemes.flatMap(([name, scheme]) => schemeBlocks(name, scheme, scope)),
  ];
}

/** A tag and its operations, in the order of the document's tags. */
function tagSections(root: Located, scope: Scope): RootContent[] {
  const byTag = groupBy(operationsIn(member(root, "paths"), scope), ({ node }) =>
    scalar(itemsOf(member(node, "tags"))[0]),
  );
  const described = new Map(itemsOf(member(root, "tags")).map((tag) => [scalar(member(tag, "name")), tag]));
  const names = new Set([...described.keys(), ...byTag.keys()]);
  names.delete("");
  return [
    ...[...names].flatMap((name) => tagSection(name, described.get(name), byTag.get(name) ?? [], scope)),
    ...(byTag.get("") ?? []).flatMap((operation) => operationSection(operation, "", 1)),
  ];
}

function tagSection(name: string, tag: Located | undefined, operations: Operation[], scope: Scope): RootContent[] {
  const anchor = `tag/${anchorPart(name)}`;
  const [first] = operations;
  const line = tag ? spanOf(tag, scope)[0] : first ? spanOf(first.node, first.scope)[0] : 1;
  const told = ["summary", "description"].flatMap((member_) => blocksOf(textLines(member(tag, member_), scope)));
  return [
    heading(1, name, anchor, line),
    ...told,
    ...(tag ? moreBlocks(tag, scope) : []),
    ...operations.flatMap((operation) => operationSection(operation, `${anchor}/`, 2)),
  ];
}

function operationSection(operation: Operation, above: string, depth: 1 | 2): RootContent[] {
  const { method, path, node, scope } = operation;
  const id = stringOf(member(node, "operationId"));
  const pointer = `paths/${pointerStep(path)}/${method.toLowerCase()}`;
  const anchor = `${above}${id === "" ? anchorPart(pointer) : `operation/${anchorPart(id)}`}`;
  return [heading(depth, titleOf(operation), anchor, spanOf(node, scope)[0]), ...operationBlocks(operation)];
}

function webhookSections(root: Located, scope: Scope): RootContent[] {
  const hooks = operationsIn(member(root, "webhooks") ?? member(root, "x-webhooks"), scope);
  const [first] = hooks;
  if (!first) return [];
  return [
    heading(1, "Webhooks", "section/Webhooks", spanOf(first.node, first.scope)[0]),
    ...hooks.flatMap((hook) => operationSection(hook, "", 2)),
  ];
}

function schemaSections(root: Located, scope: Scope): RootContent[] {
  const schemas = [
    ...membersOf(member(member(root, "components"), "schemas")),
    ...membersOf(member(root, "definitions")),
  ];
  const [first] = schemas;
  if (!first) return [];
  return [
    heading(1, "Schemas", "section/Schemas", spanOf(first[1], scope)[0]),
    ...schemas.flatMap(([name, schema]) => [
      heading(2, name, `schema/${anchorPart(name)}`, spanOf(schema, scope)[0]),
      ...schemaBlocks(schema, scope),
    ]),
  ];
}

/** Shared definitions that nothing refers to, or that are too long to be repeated where they are used. */
function otherSections(root: Located, scope: Scope): RootContent[] {
  const parameters = [...sharedIn("parameters", root, scope), ...sharedIn("headers", root, scope)];
  const unshown = (kind: string): Located => ({ ...root, value: new Map(sharedIn(kind, root, scope)) });
  const rows = parameters.map(([name, node]) => {
    const { cells, lines } = parameterRow(node, scope);
    return { cells: [cells[0] || name, ...cells.slice(1)], lines };
  });
  const blocks = [
    ...table(PARAMETERS, rows),
    ...parameters.flatMap(([, node]) => parameterDetails(node, scope)),
    ...sharedIn("responses", root, scope).flatMap(([name, node]) => responseBlocks(name, node, scope, new Set())),
    ...sharedIn("requestBodies", root, scope).flatMap(([name, node]) => [
      ...labelled(name, [], spanOf(node, scope)),
      ...bodyBlocks(node, scope, new Set()),
    ]),
    ...operationsIn(unshown("pathItems"), scope).flatMap((operation) => [
      paragraph(`Path item ${titleOf(operation)}`, firstLineOf(operation.node, operation.scope)),
      ...operationBlocks(operation),
    ]),
    ...callbackBlocks(unshown("callbacks"), scope),
    ...["examples", "links"].flatMap((kind) =>
      sharedIn(kind, root, scope).flatMap(([name, node]) => {
        const told = ["summary", "description"].flatMap((text) => blocksOf(textLines(member(node, text), scope)));
        return labelled(name, told, spanOf(node, scope));
      }),
    ),
  ];
  const [first] = blocks;
  if (!first) return [];
  return [heading(1, "Other definitions", "section/Other-definitions", first.position?.start.line ?? 1), ...blocks];
}

function sharedIn(kind: string, root: Located, scope: Scope): [string, Located][] {
  const places = [`components/${kind}`, kind];
  return places.flatMap((place) =>
    membersOf(pointedAt(root, `#/${place}`)).filter(([name, node]) => {
      const pointer = `#/${place}/${pointerStep(name)}`;
      return node.value instanceof Map && !scope.shown.has(pointer);
    }),
  );
}
