import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup/paths.mjs";

const { floors } = JSON.parse(readFileSync(join(root, "architecture.json"), "utf8"));

/** Top-level folders of the product, in the order of architecture.json. */
export const rooms = [...new Set(floors.flat().map(({ room }) => room.split("/")[0]))];

/** Files that must name every folder of the product, and what to look for. */
const LISTS = {
  "tsconfig.json": (room) => `"${room}"`,
  ".dockerignore": (room) => `!${room}\n`,
  "docker/Dockerfile": (room) => `COPY ${room} ./${room}\n`,
};

/** What is missing in the lists that name the rooms one by one, a line each. */
export function missingRooms(read = (file) => readFileSync(join(root, file), "utf8"), named = rooms) {
  return Object.entries(LISTS).flatMap(([file, entry]) => {
    const text = read(file);
    return named.filter((room) => !text.includes(entry(room))).map((room) => `${file}: lacks the room ${room}`);
  });
}
