import { text } from "../kinds.ts";
import { type Group, setting } from "../schema.ts";

export const NO_COLOR = setting({
  name: "NO_COLOR",
  kind: text,
  default: "none: colour on a terminal, none in files and pipes",
  help: "Any value: output without colour.",
  readBy: ["cli"],
});

export const FORCE_COLOR = setting({
  name: "FORCE_COLOR",
  kind: text,
  default: "none",
  help: "Any value: output with colour in files and pipes too. `0`: without. NO_COLOR takes precedence.",
  readBy: ["cli"],
});

export const TERMINAL: Group = {
  title: "Terminal",
  aside: true,
  about: "Conventions that other commands follow too.",
  settings: [NO_COLOR, FORCE_COLOR],
};
