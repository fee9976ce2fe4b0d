import type { DocsHealth, RefusedGroup } from "../../../client/docsHealth.ts";
import { TemporalAway } from "../parts/away.tsx";
import { Left, plural, When } from "../parts/figures.tsx";
import { Place } from "../parts/place.tsx";

/** Questions of a group that are shown at once. */
const OPEN = 5;

/** Questions without a sure answer, by the section that came closest. */
export function Refused({ health: { asked, away } }: { health: DocsHealth }) {
  const { refused, read, hidden, unreadable, textless, more } = asked;
  return (
    <section class="card">
      <h2>Questions that were refused or unsure</h2>
      {away && <TemporalAway>Only questions are shown that have a record with their text.</TemporalAway>}
      <p class="soft">
        Grouped by the section that came closest: where many meet, the docs may leave something out. Of the{" "}
        {plural(read, "newest such question")}
        {hidden > 0 && `, ${hidden} of which are encrypted with a key that is not set here`}
        {more && "; older ones are left out"}.
        {textless > 0 &&
          ` The text of ${plural(textless, "older one")} was not kept: WINNOW_KEEP_QUESTIONS keeps it from now on.`}
        {unreadable > 0 &&
          ` Beside these, ${plural(unreadable, "record")} of answers cannot be read: damaged, or encrypted with a key that is not set here.`}
      </p>
      {refused.total === 0 && <p>None.</p>}
      {refused.shown.map((group) => (
        <Group key={JSON.stringify(group.closest)} group={group} />
      ))}
      <Left of={refused} what="groups" />
    </section>
  );
}

function Group({ group: { closest, questions, asked } }: { group: RefusedGroup }) {
  const older = questions.slice(OPEN);
  return (
    <section class="group">
      <h3>
        {closest === null ? "Nothing was found" : <Place {...closest} />}{" "}
        <span class="badge">{plural(asked, "time")}</span>
      </h3>
      <Questions questions={questions.slice(0, OPEN)} />
      {older.length > 0 && (
        <details>
          <summary>{plural(older.length, "more question")}</summary>
          <Questions questions={older} />
        </details>
      )}
    </section>
  );
}

function Questions({ questions }: Pick<RefusedGroup, "questions">) {
  return (
    <ul>
      {questions.map(({ question, count, last, kind, workflowId }) => (
        <li key={workflowId}>
          <a href={`/asks/${encodeURIComponent(workflowId)}`}>{question}</a>{" "}
          <small class="faint">
            {kind === "unsure" ? "unsure" : "refused"}
            {count > 1 && ` ${count} times`}, last <When at={last} />
          </small>
        </li>
      ))}
    </ul>
  );
}
