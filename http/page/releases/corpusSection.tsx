import type { WaitingCandidate } from "../../../client/approval.ts";
import type { CorpusReleases, ShelvedRelease } from "../../../client/releaseShelf.ts";
import { Scroll } from "../layout/scroll.tsx";
import { Interval, Percent, plural, Unknown, When } from "../parts/figures.tsx";
import { Head } from "../parts/head.tsx";
import { LedgerTable, type WebUi } from "./ledgerTable.tsx";

interface Given {
  releases: CorpusReleases;
  waiting: WaitingCandidate[];
  ui: WebUi;
}

/** The releases of one corpus. */
export function CorpusSection({ releases: given, waiting, ui }: Given) {
  const { corpus, champion, releases, total, ledger, damaged } = given;
  const candidates = waiting.filter((each) => each.corpus === corpus && each.release !== null);
  const label = corpus === "?" ? "Releases that cannot be read" : `Corpus ${corpus}`;
  return (
    <section class="card">
      <h2>{label}</h2>
      {damaged && (
        <p class="notice bad">
          The ledger is damaged, so nothing of this corpus can be promoted: {damaged} <code>npx winnow fsck</code> says
          more.
        </p>
      )}
      {candidates.map(({ workflowId, release, since }) => (
        <p key={workflowId} class="notice warn">
          Release <a href={`/releases/${release}`}>{release}</a> waits for a person since <When at={since} />. Read its
          evidence, then approve or reject it.
        </p>
      ))}
      <p class="faint">
        {plural(total, "release")}, newest first. Intervals are 95 %, over the questions of each release. False answers
        are a share of the questions that the docs do not answer, false refusals of those that they do.
      </p>
      <Scroll label={`Releases of ${corpus}`}>
        <table class="stack">
          <Head columns={COLUMNS} />
          <tbody>
            {releases.map((release) => (
              <Row key={release.id} release={release} champion={champion} waits={waits(candidates, release.id)} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {releases.length < total && (
        <p class="screen">
          <a href={`/releases?corpus=${encodeURIComponent(corpus)}&all`}>Show all {total}</a>
        </p>
      )}
      {ledger.length > 0 && (
        <>
          <h3>What served when</h3>
          <LedgerTable ledger={ledger} ui={ui} />
        </>
      )}
    </section>
  );
}

function waits(candidates: WaitingCandidate[], id: string): boolean {
  return candidates.some(({ release }) => release === id);
}

const COLUMNS = ["Release", "Built (UTC)", "nDCG@10", "False answers", "False refusals", "Not sure", "Gate"];

function Row({ release, champion, waits }: { release: ShelvedRelease; champion: string | null; waits: boolean }) {
  const { id, createdAt, ranking, quality, gate, reason } = release;
  const against = champion !== null && champion !== id && quality !== null;
  return (
    <tr>
      <th scope="row">
        <a href={`/releases/${id}`}>
          <code>{id}</code>
        </a>
        <States release={release} waits={waits} />
        {against && (
          <a class="small" href={`/releases/${id}?against=${champion}`}>
            against the champion
          </a>
        )}
      </th>
      <td data-label="Built">
        {createdAt === "" ? <Unknown /> : <When at={createdAt} />}
        {gate && <small class="block">{ranking}</small>}
      </td>
      <td data-label="nDCG@10">
        <Interval of={quality?.ndcg} />
        {quality?.source === "generated" && <small class="block">generated questions</small>}
      </td>
      <td data-label="False answers">
        <Percent of={quality?.falseAnswerRate} />
      </td>
      <td data-label="False refusals">
        <Percent of={quality?.falseRefusalRate} />
      </td>
      <td data-label="Not sure">
        <Percent of={quality?.unsureRate} />
      </td>
      <td class="reason" data-label="Gate">
        {reason}
      </td>
    </tr>
  );
}

/** The states of a release, in words. */
export function States({
  release: { champion, promoted, retired, unmeasured },
  waits,
}: {
  release: Pick<ShelvedRelease, "champion" | "promoted" | "retired" | "unmeasured">;
  waits: boolean;
}) {
  const states = [
    champion && "serves",
    waits && "waits for a person",
    promoted && !champion && "served before",
    unmeasured && "not measured",
    retired && "removed by gc",
  ].filter((state) => typeof state === "string");
  return (
    <span class="states">
      {states.map((state) => (
        <span key={state} class={state === "serves" ? "badge good" : "badge"}>
          {state}
        </span>
      ))}
    </span>
  );
}
