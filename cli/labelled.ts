import { bold, HANG } from "./style.ts";

const LABEL = 10;

/** A line with its label in front; folded text stays beside the label. */
export function labelled(label: string, text: string): string {
  return `${bold(label.padEnd(LABEL))}${HANG}${text}`;
}
