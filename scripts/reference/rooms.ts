import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sentence, table } from "./markdown.ts";
import { root } from "./source.ts";

interface Room {
  room: string;
  about: string;
  /** Rooms it may import values from. From all other rooms below, it may import only types. */
  values?: string[];
  /** Rooms below this one from which it imports types at most. */
  never?: string[];
}

const MARKERS = ["<!-- rooms: generated from architecture.json -->", "<!-- rooms: end -->"] as const;

/** Redraws a page's plan of rooms between the two markers. */
export function withRooms(page: string): string {
  const [from, to] = MARKERS.map((marker) => page.indexOf(marker));
  if (from === undefined || to === undefined || from < 0 || to < from)
    throw new Error(`the page has no markers ${MARKERS.join(" ... ")}`);
  return `${page.slice(0, from + MARKERS[0].length)}\n\n${plan()}\n\n${page.slice(to)}`;
}

function plan(): string {
  const { floors } = JSON.parse(readFileSync(join(root, "architecture.json"), "utf8")) as { floors: Room[][] };
  const nodes = floors.map((floor, level) => `  f${level}["${floor.map(({ room }) => room).join(" · ")}"]`);
  const arrows = floors.slice(1).map((_, level) => `  f${level + 1} --> f${level}`);
  const rows = floors.flatMap((floor, level) =>
    floor.map(({ room, about, values, never }) => [`${level}`, `\`${room}/\``, sentence(about), limits(values, never)]),
  );
  const diagram = ["```mermaid", "flowchart TB", ...nodes.reverse(), ...arrows.reverse(), "```"].join("\n");
  return `${diagram}\n\n${table(["floor", "room", "holds", "imports types alone from"], rows)}`;
}

function limits(values?: string[], never?: string[]): string {
  if (values) return `all rooms but ${values.map(quoted).join(", ")}`;
  return (never ?? []).map(quoted).join(", ");
}

function quoted(room: string): string {
  return `\`${room}/\``;
}
