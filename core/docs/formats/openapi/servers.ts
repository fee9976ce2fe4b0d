import type { RootContent } from "mdast";
import { itemsOf, type Located, member, membersOf } from "../../text/located.ts";
import { blocksOf, cellOf, labelled, paragraph, type Row, table } from "./blocks.ts";
import { moreBlocks } from "./schema.ts";
import { firstLineOf, follow, type Scope, scalar, spanOf, textLines, texts } from "./scope.ts";

const SERVERS = ["Server", "Description"];
const VARIABLES = ["Server variable", "Default", "Values", "Description"];
const SCOPES = ["OAuth scope", "Description"];
/** Members of a security scheme in reading order, and their labels. */
const SCHEME: [string, string][] = [
  ["type", "Type"],
  ["name", "Name"],
  ["in", "In"],
  ["scheme", "Scheme"],
  ["bearerFormat", "Bearer format"],
  ["openIdConnectUrl", "OpenID Connect URL"],
  ["flow", "Flow"],
  ["authorizationUrl", "Authorization URL"],
  ["tokenUrl", "Token URL"],
  ["refreshUrl", "Refresh URL"],
  ["deviceAuthorizationUrl", "Device authorization URL"],
  ["oauth2MetadataUrl", "OAuth metadata URL"],
];

export function serverBlocks(servers: Located | undefined, scope: Scope): RootContent[] {
  const given = itemsOf(servers);
  const rows = given.map((server): Row => {
    const name = scalar(member(server, "name"));
    const url = scalar(member(server, "url"));
    const cells = [name === "" ? url : `${name}: ${url}`, cellOf(textLines(member(server, "description"), scope))];
    return { cells, lines: spanOf(server, scope) };
  });
  const variables = given
    .flatMap((server) => membersOf(member(server, "variables")))
    .map(([name, node]): Row => {
      const values = texts(member(node, "enum")).join(", ");
      const told = cellOf(textLines(member(node, "description"), scope));
      return { cells: [name, scalar(member(node, "default")), values, told], lines: spanOf(node, scope) };
    });
  return [...table(SERVERS, rows), ...table(VARIABLES, variables)];
}

/** The address of Swagger 2.0, which comes in three parts. */
export function hostBlocks(root: Located, scope: Scope): RootContent[] {
  const parts = ["schemes", "host", "basePath"].flatMap((name) => member(root, name) ?? []);
  const [first] = parts;
  if (!first) return [];
  const host = scalar(member(root, "host"));
  const path = `${host}${scalar(member(root, "basePath"))}`;
  const schemes = texts(member(root, "schemes"));
  const urls =
    schemes.length > 0 && host !== "" ? schemes.map((scheme) => `${scheme}://${path}`) : [path || schemes.join(", ")];
  const lines = parts.map((part) => spanOf(part, scope));
  return [
    paragraph(`Server: ${urls.join(", ")}`, [
      Math.min(...lines.map(([line]) => line)),
      Math.max(...lines.map(([, line]) => line)),
    ]),
  ];
}

/** Which security schemes a request needs: "api_key, or oauth (read, write) and key". */
export function securityText(security: Located): string {
  const ways = itemsOf(security).map((way) => {
    const schemes = membersOf(way).map(([name, scopes]) => {
      const needed = texts(scopes).join(", ");
      return needed === "" ? name : `${name} (${needed})`;
    });
    return schemes.length === 0 ? "none" : schemes.join(" and ");
  });
  return ways.length === 0 ? "none" : ways.join(", or ");
}

/** A security scheme: its description, how it is sent, and its OAuth scopes. */
export function schemeBlocks(name: string, given: Located, scope: Scope): RootContent[] {
  const { node, scope: inner, unread } = follow(given, scope);
  const flows = membersOf(member(node, "flows"));
  return [
    ...labelled(
      unread === null ? name : `${name}: ${unread}`,
      blocksOf(textLines(member(node, "description"), inner)),
      firstLineOf(given, scope),
    ),
    ...moreBlocks(node, inner),
    ...detailBlocks("", node, inner),
    ...flows.flatMap(([flow, details]) => detailBlocks(`${flow} flow. `, details, inner)),
  ];
}

function detailBlocks(before: string, node: Located, scope: Scope): RootContent[] {
  const found = SCHEME.flatMap(([name, label]) => {
    const value = member(node, name);
    return value && scalar(value) !== "" ? [{ text: `${label}: ${scalar(value)}`, lines: spanOf(value, scope) }] : [];
  });
  const scopes = membersOf(member(node, "scopes")).map(
    ([name, told]): Row => ({
      cells: [name, cellOf(textLines(told, scope))],
      lines: spanOf(told, scope),
    }),
  );
  const [first] = found;
  const last = found.at(-1);
  const facts = `${before}${found.map(({ text }) => text).join("; ")}`;
  return [
    ...(first && last ? [paragraph(facts, [first.lines[0], Math.max(...found.map(({ lines }) => lines[1]))])] : []),
    ...table(SCOPES, scopes),
  ];
}
