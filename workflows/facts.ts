import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { upsertMemo, upsertSearchAttributes } from "@temporalio/workflow";

const ATTRIBUTES = {
  corpus: defineSearchAttributeKey("WinnowCorpus", SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey("WinnowStage", SearchAttributeType.KEYWORD),
  release: defineSearchAttributeKey("WinnowRelease", SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey("WinnowOutcome", SearchAttributeType.KEYWORD),
  ndcg: defineSearchAttributeKey("WinnowNdcg", SearchAttributeType.DOUBLE),
};

export interface Facts {
  corpus?: string;
  stage?: string;
  release?: string;
  outcome?: string;
  ndcg?: number;
}

/** Publishes facts for finding a workflow: as typed search attributes if the server has them, otherwise as a memo. */
export function publishFacts(searchable: boolean, facts: Facts): void {
  if (!searchable) {
    upsertMemo({ ...facts });
    return;
  }
  const words = (["corpus", "stage", "release", "outcome"] as const).flatMap((name) =>
    facts[name] === undefined ? [] : [{ key: ATTRIBUTES[name], value: facts[name] }],
  );
  const numbers = facts.ndcg === undefined ? [] : [{ key: ATTRIBUTES.ndcg, value: facts.ndcg }];
  upsertSearchAttributes([...words, ...numbers]);
}
