import { render } from "preact";
import { type Asked, askPath, typed } from "../ask/choice.ts";
import { askServer, readBeside } from "./askServer.ts";
import { Live } from "./live.tsx";
import { BEGUN, type Happening, next, type Progress, said } from "./progress.ts";
import { sendVotes } from "./votes.ts";

/** Makes the form ask in place: the answer is shown while it is made. */
function enliven(form: HTMLFormElement, place: HTMLElement, status: HTMLElement): void {
  let stopping = new AbortController();
  let shown = location.pathname + location.search;

  const ask = async (asked: Asked) => {
    stopping.abort();
    stopping = new AbortController();
    const { signal } = stopping;
    let progress: Progress = BEGUN;
    const again = () => void ask(asked);
    const stop = () => {
      stopping.abort();
      happen({ event: "stopped", data: null });
      form.querySelector("textarea")?.focus();
    };
    const happen = (happening: Happening) => {
      const before = said(progress);
      progress = next(progress, happening);
      if (said(progress) !== before) status.textContent = said(progress);
      render(<Live progress={progress} stop={stop} again={again} />, place);
    };
    // What the server rendered is no tree of Preact's.
    render(null, place);
    place.replaceChildren();
    status.textContent = said(progress);
    render(<Live progress={progress} stop={stop} again={again} />, place);
    for await (const happening of askServer(asked, { signal })) {
      if (signal.aborted) return;
      // The session has ended: the server asks for the token in place of this view.
      if (happening.event === "error" && happening.data.code === "Unauthorized") return location.reload();
      happen(happening);
    }
    if (progress.answer) await complete(progress.answer.id, signal, happen);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    const asked = typed(Object.fromEntries([...fields].map(([name, value]) => [name, String(value)])));
    if (asked.question === "") return;
    history.pushState(null, "", askPath(asked));
    shown = location.pathname + location.search;
    document.title = `${asked.question} - Winnow`;
    void ask(asked);
  });
  form.querySelector("textarea")?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  // Another question of this tab's history is answered by the server. A citation changes only the fragment.
  addEventListener("popstate", () => {
    if (location.pathname + location.search !== shown) location.reload();
  });
}

/** Reads what the page shows besides the recorded answer. Without it, the text is shown as it is. */
async function complete(id: string, signal: AbortSignal, happen: (happening: Happening) => void): Promise<void> {
  const read = async (event: "prepared" | "sources") => {
    const happening = await readBeside(id, event, { signal });
    if (happening !== null) happen(happening);
  };
  await Promise.all([read("prepared"), read("sources")]);
}

sendVotes();
const form = document.querySelector<HTMLFormElement>("form#ask");
const place = document.querySelector<HTMLElement>("#answer");
const status = document.querySelector<HTMLElement>("#status");
if (form && place && status) enliven(form, place, status);
