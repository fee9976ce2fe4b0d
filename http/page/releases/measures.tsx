import type { ReleaseDetails } from "../../../client/releaseDetails.ts";
import { type EvaluationSummary, METRICS, type PairedDifference } from "../../../contracts/evaluation.ts";
import { ladderSize } from "../../../core/report/ladderSize.ts";
import { Scroll } from "../layout/scroll.tsx";
import { Difference, Interval, limitsInWords, Percent } from "../parts/figures.tsx";
import { Head } from "../parts/head.tsx";
import { type ChartName, chartPath } from "./chartView.ts";

/** How a release was measured: ladder, paired differences, abstention, with their curves. */
export function Measures({ release }: { release: ReleaseDetails }) {
  const { evaluation } = release.manifest;
  if (evaluation === null)
    return (
      <p class="notice warn">
        This release serves before it is measured: its relevance and threshold are estimates, and nothing can be
        compared with it.
      </p>
    );
  return (
    <>
      <h2>Ladder</h2>
      <p class="soft">
        The same questions and candidates with one more part of the system in each row, over {evaluation.questions}{" "}
        {evaluation.source} questions.
        {evaluation.source === "generated" &&
          " Generated questions repeat the docs' words, so these figures flatter it."}
      </p>
      {evaluation.ladder.length > 0 && (
        <Chart
          release={release.id}
          chart="ladder"
          size={ladderSize(evaluation.ladder.length)}
          alternative="nDCG@10 of each row with its interval; the table has the numbers"
        />
      )}
      <LadderTable evaluation={evaluation} />
      <PairedTable paired={evaluation.paired} />
      <h2>Knowing when not to answer</h2>
      <Abstention release={release} evaluation={evaluation} />
    </>
  );
}

function LadderTable({ evaluation: { ladder } }: { evaluation: EvaluationSummary }) {
  return (
    <Scroll label="Ladder">
      <table>
        <caption>Each value with its 95 % interval over questions</caption>
        <Head columns={["Row", ...METRICS]} />
        <tbody>
          {ladder.map(({ name, metrics }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {METRICS.map((metric) => (
                <td key={metric}>
                  <Interval of={metrics[metric]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function PairedTable({ paired }: { paired: readonly PairedDifference[] }) {
  const own = paired.filter(({ metric }) => metric === "ndcg@10");
  if (own.length === 0) return null;
  return (
    <Scroll label="Paired differences">
      <table>
        <caption>
          Paired differences of nDCG@10 over the same questions. Within chance: the interval includes 0.
        </caption>
        <Head columns={["Rows", "Difference"]} />
        <tbody>
          {own.map(({ a, b, difference, low, high }) => (
            <tr key={`${a} ${b}`}>
              <th scope="row">
                {a} − {b}
              </th>
              <td>
                <Difference value={difference} low={low} high={high} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Abstention({ release, evaluation }: { release: ReleaseDetails; evaluation: EvaluationSummary }) {
  const { curves, noCurves, quality } = release;
  const { standIns } = evaluation.abstention;
  return (
    <>
      <dl class="facts">
        <dt>False answers</dt>
        <dd>
          <Percent of={quality?.falseAnswerRate} /> of the questions that the docs do not answer are answered
          {standIns && " (the set has none: its own questions stand in, with their judged pages removed)"}
        </dd>
        <dt>False refusals</dt>
        <dd>
          <Percent of={quality?.falseRefusalRate} /> of the questions with a judged passage among the candidates are
          refused
        </dd>
        <dt>Not sure</dt>
        <dd>
          <Percent of={quality?.unsureRate} /> of all questions lie between the two limits
        </dd>
        {curves && (
          <>
            <dt>Limits</dt>
            <dd>It {limitsInWords(curves.limits)}.</dd>
          </>
        )}
      </dl>
      {curves ? (
        <div class="charts">
          <Chart
            release={release.id}
            chart="reliability"
            alternative={`Predicted P(relevant) of the first passage against the share that is relevant; expected calibration error ${figure(evaluation.abstention.ece)}`}
          />
          <Chart
            release={release.id}
            chart="thresholds"
            alternative={`Shares of false answers and false refusals by threshold; the release ${limitsInWords(curves.limits)}`}
          />
        </div>
      ) : (
        <p class="faint">The curves cannot be drawn: {noCurves}</p>
      )}
    </>
  );
}

interface Drawn {
  release: string;
  chart: ChartName;
  alternative: string;
  size?: [width: number, height: number];
}

/** A picture that loads with the page, so that it is printed too. */
function Chart({ release, chart, alternative, size: [width, height] = [420, 380] }: Drawn) {
  return (
    <figure class="chart">
      <img src={chartPath(release, chart)} alt={alternative} width={width} height={height} />
    </figure>
  );
}

function figure(value: number | null): string {
  return value === null ? "not measured" : value.toFixed(3);
}
