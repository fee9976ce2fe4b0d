/** Payload keys by name. The first key in the operator's list encrypts; all keys decrypt. */
export interface PayloadKeys {
  current: string;
  keys: ReadonlyMap<string, Buffer>;
}
