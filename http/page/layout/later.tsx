import type { VNode } from "preact";
import { render } from "preact-render-to-string";
import type { Part } from "../view.ts";

/** A page is sent whole if its late part comes within this time. */
const SOON_MS = 400;

/** Where the late part of a view stands. Text cannot contain it, since its `<` is escaped. */
export function Later() {
  return <i class="later" />;
}

/** The page with its late part, if that comes soon; otherwise null. */
export async function soon(html: string, late: Promise<Part>): Promise<{ html: string; part: Part } | null> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<null>((settle) => {
    timer = setTimeout(settle, SOON_MS, null);
  });
  const part = await Promise.race([late, waited]).finally(() => clearTimeout(timer));
  return part && { html: html.replace(render(<Later />), () => render(part.main)), part };
}

/**
 * The page as a stream: all above the late part at once, with words that wait, and the rest once it is there. A style hides
 * those words then, without script. If the rest cannot be made, what `failed` makes of the error takes its place.
 */
export function gradually(
  html: string,
  late: Promise<Part>,
  waiting: VNode,
  failed: (thrown: unknown) => VNode,
): ReadableStream<Uint8Array> {
  const [above = "", below = ""] = html.split(render(<Later />));
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode(above + render(<div class="waiting">{waiting}</div>)));
      const rest = await late.then(({ main }) => render(main)).catch((thrown) => render(failed(thrown)));
      try {
        controller.enqueue(encoder.encode(rest + below));
        controller.close();
      } catch {
        // The browser has left.
      }
    },
  });
}
