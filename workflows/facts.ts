import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { upsertMemo, upsertSearchAttributes } from "@temporalio/workflow";

const ATTRIBUTES = {
  corpus: defineSearchAttributeKey("WinnowCorpus", SearchAttributeType.KEYWORD),
  release: defineSearchAttributeKey("WinnowRelease", SearchAttributeType.KEYWORD),
};

/** Facts to find a workflow by: typed search attributes where the server knows them, else a memo. */
export function publishFacts(searchable: boolean, facts: { corpus: string; release: string }): void {
  if (!searchable) {
    upsertMemo(facts);
    return;
  }
  upsertSearchAttributes([
    { key: ATTRIBUTES.corpus, value: facts.corpus },
    { key: ATTRIBUTES.release, value: facts.release },
  ]);
}
