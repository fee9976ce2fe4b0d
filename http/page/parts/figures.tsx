import type { Bounded } from "../../../client/docsHealth.ts";
import type { Estimate } from "../../../contracts/evaluation.ts";
import type { Limits } from "../../../contracts/passage.ts";

/** A value with its 95 % interval; a dash if it is unknown. */
export function Interval({ of, digits = 3 }: { of: Estimate | null | undefined; digits?: number }) {
  if (!of) return <Unknown />;
  return (
    <span class="interval">
      {of.value.toFixed(digits)}{" "}
      <small>
        {of.low.toFixed(digits)} to {of.high.toFixed(digits)}
      </small>
    </span>
  );
}

/** A paired difference with its interval, and whether it is within chance. */
export function Difference({ value, low, high }: Estimate) {
  const chance = low <= 0 && high >= 0;
  return (
    <span class="interval">
      <span class={chance ? undefined : value > 0 ? "good" : "bad"}>{signed(value)}</span>{" "}
      <small>
        {signed(low)} to {signed(high)}
        {chance && ", within chance"}
      </small>
    </span>
  );
}

/** A difference with its sign; one that rounds to nothing has none. */
export function signed(value: number, digits = 3): string {
  const size = Math.abs(value).toFixed(digits);
  return Number(size) === 0 ? size : `${value < 0 ? "−" : "+"}${size}`;
}

/** What a release does by the best P(relevant) of a question, as the end of a sentence about it. */
export function limitsInWords({ refuse, answer }: Limits): string {
  return `refuses below P(relevant) ${refuse.toFixed(2)} and answers from ${answer.toFixed(2)}`;
}

/** A share as a percentage; a dash if no question measures it. */
export function Percent({ of }: { of: number | null | undefined }) {
  return of === null || of === undefined ? <Unknown /> : <span class="nowrap">{(100 * of).toFixed(0)} %</span>;
}

/** A dash that a screen reader reads as a word. */
export function Unknown() {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span class="hidden">not measured</span>
    </>
  );
}

/** A time in UTC, to the minute. */
export function When({ at }: { at: string }) {
  if (Number.isNaN(Date.parse(at))) return <Unknown />;
  const text = new Date(at).toISOString();
  return (
    <time datetime={text} class="when">
      {text.slice(0, 10)} {text.slice(11, 16)}
    </time>
  );
}

/** Below the start of a list: how many entries it leaves out. */
export function Left({ of: { shown, total }, what }: { of: Bounded<unknown>; what: string }) {
  return total > shown.length ? (
    <p class="faint">
      The first {shown.length} of {total.toLocaleString("en")} {what}.
    </p>
  ) : null;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
