import type { FoundPassages } from "../../../contracts/askEvents.ts";
import { number, type Slope, type SlopeRow, slopeOf, summaryOf } from "./slopeRows.ts";

/** Height of a row in pixels, as in the style sheet: lines are drawn between rows of text. */
const ROW = 26;
const WIDTH = 100;

type Found = Pick<FoundPassages, "candidates" | "threshold" | "ranking">;

/**
 * Retrieval's order on the left and the served order on the right, a line for each passage, the threshold across. A
 * screen reader gets the summary and the table.
 */
export function SlopeChart({ found }: { found: Found }) {
  const slope = slopeOf(found);
  if (slope.rows.length === 0) return <p>The search found no passage.</p>;
  return (
    <figure class="slope">
      <figcaption>{summaryOf(slope, found.ranking)} Grey passages were not used.</figcaption>
      <div class="columns" aria-hidden="true">
        <div class="side before">
          <p class="head">Retrieval</p>
          {slope.before.map((row) => (
            <p class={rowClass(row)} key={row.id} title={row.title}>
              <span class="title">{row.title}</span>
              <span class="rank">{row.retrieval}</span>
            </p>
          ))}
        </div>
        <Lines slope={slope} />
        <div class="side after">
          <p class="head">Served</p>
          {slope.rows.map((row, at) => (
            <Served key={row.id} row={row} slope={slope} first={at === slope.above} />
          ))}
        </div>
      </div>
    </figure>
  );
}

function Served({ row, slope, first }: { row: SlopeRow; slope: Slope; first: boolean }) {
  const { threshold } = slope;
  return (
    <p
      class={`${rowClass(row)}${first ? " cut" : ""}`}
      title={row.dropped ? `${row.title}: ${row.dropped}` : row.title}
    >
      <span class="rank">{row.served}</span>
      <span class="value">{number(row.relevance, threshold)}</span>
      <span class="title">{row.title}</span>
      {row.why && <span class="why">{first ? `threshold ${number(threshold)}` : row.why}</span>}
    </p>
  );
}

function Lines({ slope: { rows, before, above } }: { slope: Slope }) {
  const height = rows.length * ROW;
  const middle = (at: number) => (at + 0.5) * ROW;
  // Passages that were used are drawn last, over the grey ones.
  const drawn = rows.map((row, at) => ({ row, at })).sort((a, b) => Number(!a.row.dropped) - Number(!b.row.dropped));
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} height={height} preserveAspectRatio="none" role="presentation">
      {drawn.map(({ row, at }) => (
        <line
          key={row.id}
          class={rowClass(row)}
          x1={0}
          y1={middle(before.indexOf(row))}
          x2={WIDTH}
          y2={middle(at)}
          vector-effect="non-scaling-stroke"
        />
      ))}
      {above !== null && (
        <line
          class="threshold"
          x1={0}
          y1={above * ROW}
          x2={WIDTH}
          y2={above * ROW}
          vector-effect="non-scaling-stroke"
        />
      )}
    </svg>
  );
}

function rowClass({ dropped, move }: SlopeRow): string {
  return dropped ? "row dropped" : `row ${move}`;
}
