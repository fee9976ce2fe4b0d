import type { PassageLabel } from "../../contracts/labels.ts";
import { canonicalJson, sha256 } from "../base/canonical.ts";
import type { Known, StageContext } from "./stage.ts";

/** The labels of a corpus as an input of a stage. Without any its digest is `none`. */
export async function labelsRead(
  { labels }: Pick<StageContext, "labels">,
  corpus: string,
): Promise<Known<PassageLabel[]>> {
  const value = await labels(corpus);
  return { digest: value.length === 0 ? "none" : sha256(canonicalJson(value)), value };
}
