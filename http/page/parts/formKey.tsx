import { FORM_KEY, KEY_FIELD } from "../../guards/deciders.ts";

/** Stands in every form that decides: a form without it is refused where there are no tokens. */
export function FormKey() {
  return <input type="hidden" name={KEY_FIELD} value={FORM_KEY} />;
}
