import { adviceOf } from "../layout/advice.ts";
import { Prose } from "../layout/prose.tsx";

/** An error in place, with what to do about it. `retry` is an address, or what tries again. */
export function Problem({ code, message, retry }: { code: string; message: string; retry: string | (() => void) }) {
  const advice = adviceOf(code);
  return (
    <div class="notice bad" role="alert">
      <h2>There is no answer</h2>
      <p>{message}</p>
      {advice && (
        <p>
          <Prose text={advice} />
        </p>
      )}
      <p class="actions">
        {typeof retry === "string" ? (
          <a class="button" href={retry}>
            Try again
          </a>
        ) : (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
        <span class="faint">{code}</span>
      </p>
    </div>
  );
}
