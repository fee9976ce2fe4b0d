const WORD = "[A-Za-z0-9](?:[A-Za-z0-9._]|-(?=[A-Za-z0-9._]))*";

/** Name of an installed model, as on a model hub: `bge-small-en-v1.5` or `BAAI/bge-small-en-v1.5`. */
export const MODEL_NAME = new RegExp(`^(?=.{1,200}$)(?:${WORD}/)?${WORD}$`);
export const MODEL_NAME_IN_WORDS =
  "a name such as bge-small-en-v1.5 or BAAI/bge-small-en-v1.5: letters, digits, dots, underscores and single hyphens";
