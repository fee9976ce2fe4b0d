import { randomBytes } from "node:crypto";

/** A random fence: authors of the docs cannot know it, so no text in them can end its own passage. */
export function randomFence(): string {
  return randomBytes(8).toString("hex");
}

/** A text from elsewhere for the inside of a fence, which it cannot close. */
export function withoutFence(text: string, fence: string): string {
  return text.replaceAll(fence, "");
}
