import { publicSource } from "../../../client/serving.ts";
import { modelsInWords } from "../../../core/storage/modelsInWords.ts";
import { Scroll } from "../layout/scroll.tsx";
import { TemporalAway } from "../parts/away.tsx";
import { plural, When } from "../parts/figures.tsx";
import { Head } from "../parts/head.tsx";
import { States } from "./corpusSection.tsx";
import { Decisions } from "./decisions.tsx";
import { LedgerTable } from "./ledgerTable.tsx";
import { Measures } from "./measures.tsx";
import type { ShownRelease } from "./shownRelease.ts";

/** Characters of a digest that are shown. */
const DIGEST = 12;

/** The page of one release. */
export function ReleaseMain(shown: ShownRelease) {
  const { release, waiting, ui, told } = shown;
  const { id, manifest, champion, served, retired, ledger } = release;
  const waits = waiting?.some((candidate) => candidate.release === id) ?? false;
  const unmeasured = manifest.evaluation === null ? (true as const) : undefined;
  return (
    <>
      <p class="screen">
        <a href="/releases">All releases</a>
      </p>
      <h1>
        Release <code>{id}</code>{" "}
        <States release={{ champion: champion === id, promoted: served, retired, unmeasured }} waits={waits} />
      </h1>
      {told && (
        <p class="notice good" role="status">
          {told}
        </p>
      )}
      <Facts {...shown} />
      <CompareWith {...shown} />
      {waiting === null ? (
        <TemporalAway>What the store knows is below; nothing can be decided meanwhile.</TemporalAway>
      ) : (
        <Decisions {...shown} waits={waits} />
      )}
      <Gate {...shown} />
      <Measures release={release} />
      <Parts {...shown} />
      {ledger.length > 0 && (
        <>
          <h2>When it served, by whose decision</h2>
          <LedgerTable ledger={ledger} ui={ui} />
        </>
      )}
    </>
  );
}

function Facts({ release: { manifest } }: ShownRelease) {
  const { corpus, createdAt, source, ranking, reranker, training } = manifest;
  return (
    <dl class="facts">
      <dt>Corpus</dt>
      <dd>
        <a href={`/releases?corpus=${encodeURIComponent(corpus)}`}>{corpus}</a>
      </dd>
      <dt>Built</dt>
      <dd>
        <When at={createdAt} /> UTC
      </dd>
      <dt>Docs</dt>
      <dd>
        {publicSource(source.path)}, version <code>{source.digest.slice(0, DIGEST)}</code>,{" "}
        {plural(source.pages, "page")}, {plural(source.passages, "passage")}
      </dd>
      {modelsInWords(manifest).map((words) => (
        <>
          <dt>Model</dt>
          <dd>{words}</dd>
        </>
      ))}
      <dt>Ranking</dt>
      <dd>
        {ranking}
        {reranker && ranking === "reranked" && ` by the ${reranker.role} reranker`}
      </dd>
      {training && (
        <>
          <dt>Trained</dt>
          <dd>
            <When at={training.at} /> UTC
          </dd>
        </>
      )}
    </dl>
  );
}

function CompareWith({ release, shelf }: ShownRelease) {
  const others = (shelf?.releases ?? []).filter(({ id, quality }) => id !== release.id && quality !== null);
  if (release.manifest.evaluation === null || others.length === 0) return null;
  return (
    <form method="get" action={`/releases/${release.id}`} class="row screen">
      <label for="against">Wins and losses, question by question, against</label>
      <select id="against" name="against">
        {others.map(({ id, createdAt, champion }) => (
          <option key={id} value={id} selected={champion}>
            {id} of {createdAt.slice(0, 10)}
            {champion && ", serves"}
          </option>
        ))}
      </select>
      <button type="submit">Compare</button>
    </form>
  );
}

function Gate({ release: { manifest } }: ShownRelease) {
  const { gate } = manifest;
  return (
    <>
      <h2>The gate's verdict</h2>
      <p>
        <strong class={gate.promoted ? "good" : "bad"}>{gate.promoted ? "Accepted" : "Refused"}</strong>: {gate.reason}.
      </p>
      {gate.criteria.length > 0 && (
        <Scroll label="Criteria of the gate">
          <table>
            <Head columns={["Criterion", "Passed", "Numbers"]} />
            <tbody>
              {gate.criteria.map(({ name, passed, detail }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class={passed ? "good" : "bad"}>{passed ? "yes" : "no"}</td>
                  <td>{detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

function Parts({ release: { parts, retired } }: ShownRelease) {
  return (
    <>
      <h2>What it is made of</h2>
      {retired && (
        <p>
          <code>winnow gc</code> removed these artifacts: the release can be read here, but cannot serve again.
        </p>
      )}
      <Scroll label="Artifacts">
        <table>
          <caption>Artifacts, each fixed by its digest</caption>
          <Head columns={["Part", "Digest", ["Size", "number"]]} />
          <tbody>
            {parts.map(({ name, digests, bytes }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {digests.length === 0 ? "none" : <code>{digests[0]!.slice(0, DIGEST)}</code>}
                  {digests.length > 1 && ` and ${digests.length - 1} more`}
                </td>
                <td class="number">{digests.length === 0 ? "" : `${(bytes / 1e6).toFixed(1)} MB`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
