import type { UiPart } from "../../contracts/aiSdk.ts";
import type { Citation } from "../../contracts/ask.ts";
import type { AskEvent, IdentifiedAnswer } from "../../contracts/askEvents.ts";
import { addressOf, chatContent, chatExtension, titleOf } from "../chat/content.ts";

/** Ids of parts, unique in a message. */
const ANSWER = "answer";
const WINNOW = "winnow";

/**
 * An answer as parts of the AI SDK's UI message stream. The LLM's text is a `reasoning` part while it is written: it is
 * not checked yet, and the stream cannot take text back. The checked answer follows as the only `text` part, so that a
 * page ends with it. Throws what `events` throws.
 *
 * @param question as it is asked of the docs
 */
export async function* partsOf(events: AsyncIterable<AskEvent>, question: string): AsyncGenerator<UiPart> {
  const draft = new Draft();
  for await (const { event, data } of events) {
    if (event === "accepted") yield { type: "start", messageId: data.id };
    if (event === "passages") yield { type: "data-passages", data, transient: true };
    if (event === "token") yield* draft.add(data.text);
    if (event === "restart") yield* draft.end();
    if (event !== "answer" && event !== "abstained") continue;
    yield* draft.end();
    yield* answered(data, question);
  }
}

function* answered(answer: IdentifiedAnswer, question: string): Generator<UiPart> {
  yield { type: "text-start", id: ANSWER };
  yield { type: "text-delta", id: ANSWER, delta: chatContent(answer).text };
  yield { type: "text-end", id: ANSWER };
  const sources = answer.kind === "abstained" ? answer.closest : answer.citations;
  for (const [at, source] of sources.entries()) yield sourcePart(source, `${at + 1}`);
  yield { type: "data-winnow", id: WINNOW, data: chatExtension(answer, question) };
  yield { type: "finish", finishReason: "stop" };
}

/** A document where the docs have no address of their own: a path would lead to a page of the chat's host. */
function sourcePart(source: Citation, sourceId: string): UiPart {
  const url = addressOf(source.url);
  const title = titleOf(source);
  if (url !== null) return { type: "source-url", sourceId, url, title };
  return { type: "source-document", sourceId, mediaType: "text/markdown", title, filename: source.page };
}

/** The LLM's text, a part for each of its attempts. */
class Draft {
  private attempt = 1;
  private open = false;

  *add(delta: string): Generator<UiPart> {
    if (!this.open) yield { type: "reasoning-start", id: this.id };
    this.open = true;
    yield { type: "reasoning-delta", id: this.id, delta };
  }

  *end(): Generator<UiPart> {
    if (this.open) yield { type: "reasoning-end", id: this.id };
    this.open = false;
    this.attempt++;
  }

  private get id(): string {
    return `draft-${this.attempt}`;
  }
}
