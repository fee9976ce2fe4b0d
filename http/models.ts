import type { Doors } from "../client/doors.ts";
import type { ReleaseChoice } from "../client/openRelease.ts";
import { CORPUS_NAME, RELEASE_ID } from "../contracts/names.ts";
import type { ReleaseSummary } from "../contracts/release.ts";
import { WinnowError } from "../core/base/errors.ts";
import { HttpFailure } from "./failure.ts";

/** Model of a request that names none: the champion of the corpus that was promoted last. */
export const DEFAULT_MODEL = "winnow";
/** Names in a message. */
const SHOWN = 20;

/** A name that clients choose a release by. */
export interface Model {
  /** `winnow`, `winnow:<corpus>` or `winnow@<release>`. */
  id: string;
  release: ReleaseSummary;
}

/** Id of the model that is one release. */
export function releaseModel(release: string): string {
  return `${DEFAULT_MODEL}@${release}`;
}

/**
 * All models: the default, one a corpus with a champion, and one a release that can serve. Champions first, then the
 * newest. Empty before the first release.
 */
export async function listModels(doors: Pick<Doors, "releases" | "release">): Promise<Model[]> {
  const servable = (await doors.releases()).filter(({ retired, createdAt }) => !retired && createdAt !== "");
  const champions = servable.filter(({ champion }) => champion);
  const usual = await usualRelease(doors);
  const latest = champions.filter(({ id }) => id === usual).map((release) => ({ id: DEFAULT_MODEL, release }));
  return [
    ...latest,
    ...champions.map((release) => ({ id: `${DEFAULT_MODEL}:${release.corpus}`, release })),
    ...servable.map((release) => ({ id: releaseModel(release.id), release })),
  ];
}

/** Release of a request that names no model; null before the first release. */
async function usualRelease(doors: Pick<Doors, "release">): Promise<string | null> {
  try {
    return (await doors.release()).id;
  } catch (error) {
    if (error instanceof WinnowError && error.code === "UnknownRelease") return null;
    throw error;
  }
}

/**
 * Does work with the release that a model's name stands for; no name stands for `winnow`. Throws a 404 with the names
 * there are for an unknown one.
 */
export async function withModel<T>(
  doors: Pick<Doors, "releases" | "release">,
  name: string | null | undefined,
  work: (choice: ReleaseChoice) => Promise<T>,
): Promise<T> {
  const choice = choiceOf(name || DEFAULT_MODEL);
  if (choice === null) throw await unknownModel(doors, name!);
  try {
    return await work(choice);
  } catch (error) {
    if (error instanceof WinnowError && error.code === "UnknownRelease") throw await unknownModel(doors, name);
    throw error;
  }
}

/** The release that a model's name stands for; null for a name of another form. */
function choiceOf(name: string): ReleaseChoice | null {
  if (name === DEFAULT_MODEL) return {};
  const [, separator, value = ""] = /^winnow([:@])(.+)$/s.exec(name) ?? [];
  if (separator === ":" && CORPUS_NAME.test(value)) return { corpus: value };
  if (separator === "@" && RELEASE_ID.test(value)) return { release: value };
  return null;
}

export async function unknownModel(
  doors: Pick<Doors, "releases" | "release">,
  name: string | null | undefined,
): Promise<HttpFailure> {
  const models = await listModels(doors);
  const names = models.slice(0, SHOWN).map(({ id }) => id);
  const known = names.length > 0 ? `the models are ${names.join(", ")}` : "nothing has been released yet";
  const more = models.length > SHOWN ? `, and ${models.length - SHOWN} more in /v1/models` : "";
  const asked = JSON.stringify((name || DEFAULT_MODEL).slice(0, 100));
  return new HttpFailure(404, "ModelNotFound", `there is no model ${asked}: ${known}${more}`);
}
