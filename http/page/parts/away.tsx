import type { ComponentChildren } from "preact";
import { adviceOf } from "../layout/advice.ts";
import { Prose } from "../layout/prose.tsx";

/** Says that Temporal does not answer, what is missing for it, and what to do. */
export function TemporalAway({ children }: { children: ComponentChildren }) {
  return (
    <div class="notice warn" role="status">
      <p>
        <strong>Temporal does not answer.</strong> {children}
      </p>
      <p>
        <Prose text={adviceOf("TemporalUnreachable")!} />
      </p>
    </div>
  );
}

/** The value, or null if Temporal does not answer. Throws any other error. */
export async function unlessAway<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if ((error as { code?: unknown }).code === "TemporalUnreachable") return null;
    throw error;
  }
}
