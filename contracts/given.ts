import { z } from "zod";
import { CORPUS_NAME, CORPUS_NAME_IN_WORDS, DOCS_ADDRESS, RELEASE_ID } from "./names.ts";

/** Name of a corpus: it is part of paths, keys and workflow ids. */
export const corpusSchema = z.string().regex(CORPUS_NAME, CORPUS_NAME_IN_WORDS);

/** Id of a release, or the start of one. */
export const releaseSchema = z
  .string()
  .regex(RELEASE_ID, "an id of a release, or the start of one: hexadecimal digits");

/** Address that links of passages start with. */
export const docsAddressSchema = z
  .string()
  .regex(DOCS_ADDRESS, "an http or https address, or a path such as /docs/, without user, query and spaces");
