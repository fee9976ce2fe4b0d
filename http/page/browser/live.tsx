import { AnswerCard } from "../answer/answerCard.tsx";
import { Problem } from "../ask/problem.tsx";
import { SlopeChart } from "../slope/slope.tsx";
import { isOver, type Progress, said } from "./progress.ts";

/** A question while it is answered, and its answer. */
export function Live({ progress, stop, again }: { progress: Progress; stop: () => void; again: () => void }) {
  const { phase, answer, prepared, sources, problem, found, draft } = progress;
  if (answer) return <AnswerCard shown={{ answer, ...(prepared ?? {}), ...(sources ? { sources } : {}) }} />;
  return (
    <>
      {problem && <Problem {...problem} retry={again} />}
      {phase === "stopped" && (
        <p class="notice">
          Stopped.{" "}
          <button type="button" onClick={again}>
            Ask again
          </button>
        </p>
      )}
      {!isOver(progress) && (
        <p class="actions busy">
          <span class="pulse" aria-hidden="true" />
          {said(progress)}
          <button type="button" onClick={stop}>
            Stop
          </button>
        </p>
      )}
      {draft !== "" && !problem && (
        <article class="card answer draft" aria-label="Draft, not checked yet">
          <p class="badge">not checked yet</p>
          <div class="text">{draft}</div>
        </article>
      )}
      {found && !problem && (
        <section>
          <h2>How the passages were ranked</h2>
          <SlopeChart found={found} />
        </section>
      )}
    </>
  );
}
