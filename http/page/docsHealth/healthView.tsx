import type { Bounded, DocsHealth } from "../../../client/docsHealth.ts";
import type { AlikePassages } from "../../../client/nearDuplicates.ts";
import { WinnowError } from "../../../core/base/errors.ts";
import { plural, When } from "../parts/figures.tsx";
import type { View } from "../view.ts";
import { Alike } from "./alike.tsx";
import { Quarantine, Stale, Unreached } from "./lists.tsx";
import { Refused } from "./refused.tsx";

/** Seconds until a page is read again whose near-duplicates are still being compared. */
const AGAIN_SECONDS = 3;

/** What a corpus's docs lack, repeat or cannot show. `?corpus` chooses the corpus. */
export const healthView: View = {
  path: "/docs-health",
  title: "Docs health",
  nav: "Docs health",
  async render(c, { desk, serving }) {
    const corpora = (await serving()).map(({ corpus }) => corpus);
    const corpus = c.req.query("corpus") || undefined;
    const found = await Promise.all([desk.docsHealth(corpus), desk.nearDuplicates(corpus)]).catch((error) => {
      if (error instanceof WinnowError && error.code === "UnknownRelease" && corpora.length === 0) return null;
      throw error;
    });
    if (found === null) return { main: <NothingServes /> };
    const [health, alike] = found;
    if (alike === null) c.header("Refresh", `${AGAIN_SECONDS}`);
    return { main: <Health health={health} alike={alike} corpora={corpora} /> };
  },
};

function NothingServes() {
  return (
    <>
      <h1>Docs health</h1>
      <p class="notice">
        No release serves yet. <code>npx winnow run --docs FOLDER</code> builds one of your docs.
      </p>
    </>
  );
}

interface Shown {
  health: DocsHealth;
  alike: Bounded<AlikePassages> | null;
  corpora: string[];
}

function Health({ health, alike, corpora }: Shown) {
  const { corpus, release, createdAt, pages, passages } = health;
  return (
    <>
      <h1>Docs health of {corpus}</h1>
      <p class="soft">
        By release <a href={`/releases/${release}`}>{release}</a>, built <When at={createdAt} /> UTC:{" "}
        {plural(pages, "page")}, {plural(passages, "passage")}.
      </p>
      {corpora.length > 1 && (
        <nav aria-label="Corpora" class="filters">
          {corpora.map((name) => (
            <a
              key={name}
              href={`/docs-health?corpus=${encodeURIComponent(name)}`}
              aria-current={name === corpus ? "true" : undefined}
            >
              {name}
            </a>
          ))}
        </nav>
      )}
      <Refused health={health} />
      <Unreached health={health} />
      <Alike alike={alike} />
      <Quarantine health={health} />
      <Stale health={health} />
    </>
  );
}
