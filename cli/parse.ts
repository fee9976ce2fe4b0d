import { InvalidArgumentError } from "commander";
import { MODEL_NAME, MODEL_NAME_IN_WORDS } from "../contracts/modelNames.ts";
import {
  CORPUS_NAME,
  CORPUS_NAME_IN_WORDS,
  DOCS_ADDRESS,
  RELEASE_ID,
  STAGES,
  type StageName,
} from "../contracts/names.ts";

/** Parsers of option values. Each throws the text that commander prints beside the option's name. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("expected a number above 0.");
  return value;
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("expected a number.");
  return value;
}

export function whole(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("expected a whole number from 0.");
}

export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("expected a number from 0 to 1.");
}

export function natural(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("expected a whole number from 1.");
}

export function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError("expected a port from 1 to 65535.");
}

export function minutes(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number of minutes from 0.");
}

export function hours(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number of hours from 0.");
}

/** Name of an installed model, or `auto`. */
export function modelName(text: string): string {
  if (MODEL_NAME.test(text)) return text;
  throw new InvalidArgumentError(`expected ${MODEL_NAME_IN_WORDS}.`);
}

/** Name of a corpus. */
export function corpus(text: string): string {
  if (CORPUS_NAME.test(text)) return text;
  throw new InvalidArgumentError(`expected a name of a corpus: ${CORPUS_NAME_IN_WORDS}.`);
}

/** Id of a release, or the start of one. */
export function releaseId(text: string): string {
  if (RELEASE_ID.test(text)) return text;
  throw new InvalidArgumentError("expected an id of a release, or the start of one: hexadecimal digits.");
}

/** Address that docs are published under. */
export function docsAddress(text: string): string {
  if (DOCS_ADDRESS.test(text)) return text;
  throw new InvalidArgumentError("expected an http or https address, or a path such as /docs/.");
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `30m`, `24h`, `7d`. */
export function interval(text: string): number {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  if (ms >= 60_000 && ms <= 366 * 86_400_000) return ms;
  throw new InvalidArgumentError("expected a time such as 30m, 24h or 7d.");
}

export function stage(text: string): StageName {
  const found = STAGES.find((name) => name === text);
  if (found) return found;
  throw new InvalidArgumentError(`expected one of ${STAGES.join(", ")}.`);
}
