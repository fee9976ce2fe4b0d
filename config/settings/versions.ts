import { refused, text } from "../kinds.ts";
import { type Group, type Reading, setting } from "../schema.ts";

const DEPLOYMENT = setting({
  name: "WINNOW_DEPLOYMENT",
  kind: text,
  default: "none: workers without versions",
  help: "Name of the deployment in Temporal's Worker Versioning.",
  readBy: ["workers"],
});

const BUILD_ID = setting({
  name: "WINNOW_BUILD_ID",
  kind: text,
  default: "none: workers without versions",
  help: "Id of this build in that deployment.",
  readBy: ["workers"],
});

export const VERSIONS: Group = {
  title: "Worker versions",
  about: "With both set, a run stays on the build it began with. Set both or neither.",
  settings: [DEPLOYMENT, BUILD_ID],
};

/** Returns this build's name in Worker Versioning; null without versions. Throws BadInput if only half of it is set. */
export function readDeployment({ get }: Reading): { name: string; buildId: string } | null {
  const name = get(DEPLOYMENT);
  const buildId = get(BUILD_ID);
  if (!name && !buildId) return null;
  if (name && buildId) return { name, buildId };
  const absent = name ? BUILD_ID : DEPLOYMENT;
  throw refused(`${absent.name} is not set: versions need both WINNOW_DEPLOYMENT and WINNOW_BUILD_ID`);
}
