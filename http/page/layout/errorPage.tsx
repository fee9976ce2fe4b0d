import type { Failure } from "../../failure.ts";
import { adviceOf } from "./advice.ts";
import { Prose } from "./prose.tsx";

/** Headings by status; others say that it did not work. */
const HEADINGS: Record<number, string> = {
  400: "That cannot be asked",
  403: "Not allowed",
  404: "Not found",
  405: "Not possible here",
  409: "Someone was faster",
  429: "Too many requests",
  503: "Not available now",
};

/** Names an error by its status. */
export function errorTitle({ status }: Pick<Failure, "status">): string {
  return HEADINGS[status] ?? "That did not work";
}

/** An error with what to do about it. `retry` is the address to try again; absent if that cannot help. */
export function ErrorPage({ failure, requestId, retry }: { failure: Failure; requestId: string; retry?: string }) {
  const advice = adviceOf(failure.code);
  return (
    <section class="notice bad">
      <h1>{errorTitle(failure)}</h1>
      <p>{failure.message}</p>
      {advice && (
        <p>
          <Prose text={advice} />
        </p>
      )}
      <p class="actions">
        {retry && (
          <a class="button" href={retry}>
            Try again
          </a>
        )}
        <a href="/">Ask a question</a>
      </p>
      <p class="faint">
        {failure.code}, request <code>{requestId}</code>
      </p>
    </section>
  );
}
