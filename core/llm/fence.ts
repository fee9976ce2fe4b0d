import { randomBytes } from "node:crypto";

/** A fence nobody who wrote the docs could know, so that no text in them can end its own passage. */
export function randomFence(): string {
  return randomBytes(8).toString("hex");
}
