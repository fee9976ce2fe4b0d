import { WinnowError } from "../../base/errors.ts";

/** Error for a model whose vectors are NaN. One damaged weight makes every component of a normalised vector NaN. */
export function notNumbers(id: string): WinnowError {
  return new WinnowError("BadModel", `${id}: its vectors are not numbers; the weights are damaged, install it again`);
}
