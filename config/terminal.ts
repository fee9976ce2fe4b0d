import { readingOf } from "./reading.ts";
import type { Environment } from "./schema.ts";
import { FORCE_COLOR, NO_COLOR } from "./settings/terminal.ts";

/** Whether output has colour. `auto`: where it is a terminal that shows colours. */
export type Colour = "always" | "never" | "auto";

/** NO_COLOR wins over FORCE_COLOR; https://no-color.org, https://force-color.org. */
export function readColour(env: Environment = process.env): Colour {
  const reading = readingOf(env);
  if (reading.text(NO_COLOR)) return "never";
  const forced = reading.text(FORCE_COLOR);
  if (!forced) return "auto";
  return forced === "0" || forced === "false" ? "never" : "always";
}
