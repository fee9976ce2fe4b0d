import { MAX_COMMENT } from "../../../contracts/names.ts";

/** What is voted on: an answer, or one of its candidates. */
export interface Votable {
  answer: string;
  passage?: string;
}

/**
 * Two thumbs and a comment, as a form that works without script. With script it is sent in place, and the status says
 * what became of it.
 */
export function Vote({ answer, passage, question }: Votable & { question: string }) {
  return (
    <form class="vote" method="post" action={`/asks/${answer}`} data-vote={answer}>
      {passage && <input type="hidden" name="passage" value={passage} />}
      <fieldset>
        <legend>{question}</legend>
        <Thumbs />
        <details>
          <summary>Comment</summary>
          <textarea name="comment" rows={2} maxlength={MAX_COMMENT} aria-label="Comment, sent with the thumb" />
          <p class="faint">It is sent with the thumb that you press.</p>
        </details>
        <p role="status" class="faint" />
      </fieldset>
    </form>
  );
}

/** The same in the cell of a table. */
export function SmallVote({ answer, passage, about }: Required<Votable> & { about: string }) {
  return (
    <form class="vote small" method="post" action={`/asks/${answer}`} data-vote={answer}>
      <input type="hidden" name="passage" value={passage} />
      <Thumbs about={about} />
      <span role="status" class="faint" />
    </form>
  );
}

function Thumbs({ about = "" }: { about?: string }) {
  return (
    <>
      <button type="submit" name="vote" value="up" aria-label={`Yes ${about}`.trim()} title="Yes">
        <Thumb />
      </button>
      <button type="submit" name="vote" value="down" aria-label={`No ${about}`.trim()} title="No">
        <Thumb down />
      </button>
    </>
  );
}

function Thumb({ down }: { down?: boolean }) {
  return (
    <svg class="thumb" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
      <path
        transform={down ? "rotate(180 12 12)" : undefined}
        d="M2 10h4v11H2zM8 10l4-8c1.700 0 2.600 1.300 2.300 3L13.600 9H20c1.300 0 2.200 1.200 1.900 2.400l-1.900 8c-.2.900-1 1.600-2 1.600H8z"
      />
    </svg>
  );
}
