import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Folder of the clone. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Syntax tree of a project file. */
export function parseSource(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
}

/** Calls `visit` for every node of a tree, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** Text of the doc comment right before a node, or empty. */
export function docComment(node: ts.Node): string {
  const text = node.getSourceFile().text;
  const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const last = ranges.at(-1);
  if (!last || !text.startsWith("/**", last.pos)) return "";
  const body = text.slice(last.pos + 3, last.end - 2);
  return body
    .split("\n")
    .map((line) => line.trim().replace(/^\* ?/, ""))
    .join(" ")
    .trim();
}

/** Source of an exported type or interface, without `export`. */
export function declarationOf(file: string, name: string): string {
  const source = parseSource(file);
  for (const statement of source.statements) {
    const declares = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    if (declares && statement.name.text === name) {
      const comment = docComment(statement);
      const text = statement.getText(source).replace(/^export /, "");
      return comment === "" ? text : `/** ${comment} */\n${text}`;
    }
  }
  throw new Error(`${file} declares no type ${name}`);
}

/** Doc comments of the properties in a file's object literals, by property name: the fields of its zod schemas. */
export function fieldComments(file: string): Map<string, string> {
  const comments = new Map<string, string>();
  walk(parseSource(file), (node) => {
    if (!ts.isPropertyAssignment(node) || !ts.isIdentifier(node.name)) return;
    const comment = docComment(node);
    if (comment !== "") comments.set(node.name.text, comment);
  });
  return comments;
}
