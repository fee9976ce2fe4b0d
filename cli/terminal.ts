import { WriteStream } from "node:tty";
import { type Colour, readColour } from "../config/terminal.ts";

/** What an output stream can show. */
export interface Terminal {
  /** Width that text is folded to; infinite for a file or pipe. */
  columns: number;
  colour: boolean;
  /** True if lines can be rewritten. */
  live: boolean;
}

export type Out = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

const NARROWEST = 40;
const WIDEST = 200;

export function terminalOf({ isTTY, columns }: Out, colour: Colour = readColour()): Terminal {
  const live = isTTY === true;
  return {
    columns: live ? Math.min(WIDEST, Math.max(NARROWEST, columns || 80)) : Number.POSITIVE_INFINITY,
    colour: colour === "always" || (colour === "auto" && live && WriteStream.prototype.getColorDepth.call(null) > 1),
    live,
  };
}
