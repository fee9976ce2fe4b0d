import { problemOf } from "./askServer.ts";

/** Key of the tab's token: a second thumb of the same person takes the place of the first. */
const VOTER = "winnow-voter";

/** Sends votes in place, and says what became of them. Forms that appear later are taken too. */
export function sendVotes(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const answer = form.dataset.vote;
    if (answer === undefined) return;
    event.preventDefault();
    void send(form, answer, event.submitter as HTMLButtonElement | null);
  });
}

async function send(form: HTMLFormElement, answer: string, pressed: HTMLButtonElement | null): Promise<void> {
  const status = form.querySelector("[role=status]")!;
  const field = (name: string) => String(new FormData(form).get(name) ?? "").trim() || null;
  const vote = { answer, vote: pressed?.value ?? "up", passage: field("passage"), comment: field("comment") };
  status.textContent = "Sending";
  try {
    const response = await fetch("/v1/feedback", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...vote, voter: voter() }),
    });
    if (!response.ok) return void (status.textContent = (await problemOf(response)).message);
    for (const button of form.querySelectorAll("button"))
      button.setAttribute("aria-pressed", button === pressed ? "true" : "false");
    status.textContent = "Thank you. A person decides what becomes of it.";
  } catch {
    status.textContent = "It could not be sent: Winnow did not answer. Press again to try again.";
  }
}

/** A token of this tab; null where the browser keeps none. */
function voter(): string | null {
  try {
    const kept = sessionStorage.getItem(VOTER);
    if (kept !== null) return kept;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const made = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem(VOTER, made);
    return made;
  } catch {
    return null;
  }
}
