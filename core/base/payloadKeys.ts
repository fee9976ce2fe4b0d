/** Keys of payloads by their names; the first in the operator's list encrypts, all of them decrypt. */
export interface PayloadKeys {
  current: string;
  keys: ReadonlyMap<string, Buffer>;
}
