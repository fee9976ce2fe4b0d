import { render } from "preact";
import { askServer, readBeside, serverOf } from "./askServer.ts";
import { BEGUN, type Happening, keptOf, next, type Progress } from "./progress.ts";
import { WIDGET_STYLE } from "./widgetStyle.ts";
import { WidgetView } from "./widgetView.tsx";

/** Where the script came from: the Winnow that is asked. Known only while the script runs for the first time. */
const HOME = new URL((document.currentScript as HTMLScriptElement | null)?.src ?? location.href).origin;

/**
 * `<winnow-ask>`: asks a Winnow from a page of a docs site. Attributes: `corpus`, `release`, `label`, `server` (default:
 * where the script came from) and `token`, which every reader of the page can see, so it is one that only asks. It keeps nothing in the browser.
 *
 * @example
 * <script src="https://winnow.example.com/widget.js" defer></script>
 * <winnow-ask corpus="k8s"></winnow-ask>
 */
class WinnowAsk extends HTMLElement {
  private progress: Progress | null = null;
  private asking = new AbortController();
  private root: ShadowRoot | null = null;

  connectedCallback(): void {
    this.root ??= this.shadowRootOf();
    this.draw();
  }

  /** A reader who leaves cancels the question. An element that is moved begins anew, but keeps what it shows. */
  disconnectedCallback(): void {
    this.asking.abort();
    this.progress = keptOf(this.progress);
  }

  private shadowRootOf(): ShadowRoot {
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(WIDGET_STYLE);
    root.adoptedStyleSheets = [sheet];
    return root;
  }

  private given(name: string): string | undefined {
    return this.getAttribute(name)?.trim() || undefined;
  }

  private async ask(question: string): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const [corpus, release, token] = ["corpus", "release", "token"].map((name) => this.given(name));
    const server = serverOf(this.given("server") ?? HOME);
    const asked = { question, ...(corpus ? { corpus } : {}), ...(release ? { release } : {}) };
    this.progress = BEGUN;
    this.draw();
    for await (const happening of askServer(asked, { server, token, signal })) {
      if (signal.aborted) return;
      this.happen(happening);
    }
    const id = this.progress?.answer?.id;
    if (id === undefined) return;
    const happening = await readBeside(id, "prepared", { server, token, signal });
    if (happening !== null) this.happen(happening);
  }

  private happen(happening: Happening): void {
    this.progress = next(this.progress ?? BEGUN, happening);
    this.draw();
  }

  private draw(): void {
    const stop = () => {
      this.asking.abort();
      this.happen({ event: "stopped", data: null });
    };
    const label = this.given("label") ?? "Ask the docs";
    const ask = (question: string) => void this.ask(question);
    render(<WidgetView label={label} progress={this.progress} ask={ask} stop={stop} />, this.root!);
  }
}

if (!customElements.get("winnow-ask")) customElements.define("winnow-ask", WinnowAsk);
