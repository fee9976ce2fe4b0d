import { WinnowError } from "../core/base/errors.ts";

const ID = /^(?:([0-9a-f]{1,64})\/)?([0-9a-f]{1,64})$/;

/** Id of a passage for agents: it names the release too, so that it means the same text after a promotion. */
export function passageIdOf(release: string, passage: string): string {
  return `${release}/${passage}`;
}

/** The parts of an id. One without a release is of the release that serves. Throws BadInput. */
export function parsePassageId(id: string): { release?: string; passage: string } {
  const [, release, passage] = ID.exec(id) ?? [];
  if (passage === undefined)
    throw new WinnowError("BadInput", `${JSON.stringify(id)} is no id of a passage: take one from \`search\`.`);
  return release === undefined ? { passage } : { release, passage };
}
