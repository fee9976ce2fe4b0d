import { openSearcher } from "../../client/search.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { AskResult } from "../../contracts/ask.ts";
import type { Promotion } from "../../core/storage/releases.ts";
import type { Clock } from "./clock.ts";

export interface Answer {
  question: string;
  asked: number;
  answered: number;
  result: AskResult;
}

/** Questions of a release that are searched again at the end, without Temporal and without the workers. */
const SEARCHED_AGAIN = 12;

/** All answers, by release and question: equal ones must have equal answers. */
export class Answers {
  private readonly first = new Map<string, { text: string; result: AskResult; question: string }>();
  private readonly moments: { release: string; asked: number; answered: number }[] = [];

  constructor(private readonly clock: Clock) {}

  get different(): number {
    return this.first.size;
  }

  /** Ids of the releases that have answered. */
  get releases(): string[] {
    return [...new Set(this.moments.map(({ release }) => release))];
  }

  add({ question, asked, answered, result }: Answer): void {
    const { release } = result.receipt;
    this.moments.push({ release, asked, answered });
    const key = `${release} ${question}`;
    const text = shown(result);
    const known = this.first.get(key);
    if (known === undefined) this.first.set(key, { text, result, question });
    else if (known.text !== text)
      this.clock.fail(`release ${release} answered ${JSON.stringify(question)} in two ways:\n${known.text}\n${text}`);
  }

  /**
   * Each answer must come from a release that was the champion at some moment between question and answer.
   *
   * @param slackMs a writer that is stopped between dating an entry and writing it, or a read before that
   */
  checkReleases(ledger: readonly Promotion[], slackMs: number): void {
    for (const { release, asked, answered } of this.moments) {
      const served = ledger.some((entry, at) => {
        const until = ledger[at + 1]?.at;
        const from = Date.parse(entry.at);
        return entry.release === release && from <= answered && (!until || Date.parse(until) + slackMs >= asked);
      });
      if (!served)
        this.clock.fail(`${release} answered a question of ${new Date(asked).toISOString()}, but did not serve then`);
    }
  }

  /** Searches the release again in this process, and compares the passages with those of the answers. */
  async searchAgain(config: CliConfig, release: string): Promise<void> {
    const asked = [...this.first.values()].filter(({ result }) => result.receipt.release === release);
    const searcher = await openSearcher(config, { release });
    try {
      for (const { question, result } of asked.slice(0, SEARCHED_AGAIN)) {
        const { passages } = await searcher.search(question);
        const now = passages.map(({ id }) => id).join(" ");
        const then = byServed(result)
          .map(({ id }) => id)
          .join(" ");
        if (now !== then)
          this.clock.fail(`release ${release}, ${JSON.stringify(question)}: answered with ${then}, searched ${now}`);
        this.clock.count("answers searched again");
      }
    } finally {
      await searcher.close();
    }
  }
}

function byServed({ receipt }: AskResult) {
  return [...receipt.candidates].sort((a, b) => a.rank.served - b.rank.served);
}

/** What a reader sees of an answer, with all passages in their order. */
function shown(result: AskResult): string {
  const { answer, kind, citations } = result;
  const cited = citations.map(({ url, lines, quote }) => ({ url, lines, quote }));
  return JSON.stringify({ kind, answer, cited, passages: byServed(result).map(({ id, dropped }) => [id, dropped]) });
}
