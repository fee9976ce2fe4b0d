import { z } from "zod";
import { MODEL_NAME, MODEL_NAME_IN_WORDS } from "../../../contracts/modelNames.ts";
import { bodyOf } from "../../base/bodyOf.ts";
import { visibleName } from "../../base/controls.ts";
import { WinnowError } from "../../base/errors.ts";
import type { HubCall, HubFile, Repository } from "./hub.ts";
import { refused, unavailable } from "./hubErrors.ts";
import { patiently, requestOf } from "./hubRequest.ts";

const MAX_DESCRIPTION_BYTES = 20_000_000;
const REVISION = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/;

/** A repository at one commit. */
export interface DescribedRepository {
  /** Its name now: a renamed repository answers under the old one too. */
  name: string;
  commit: string;
  files: HubFile[];
}

/** The answer of `/api/models/NAME/revision/REVISION?blobs=true`, as far as it is read. */
const answerSchema = z.object({
  id: z.string().regex(MODEL_NAME),
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: z.number().int().nonnegative().nullish(),
        blobId: z.string().nullish(),
        lfs: z.object({ sha256: z.string(), size: z.number().int().nonnegative() }).nullish(),
      }),
    )
    .max(20_000),
});

/** Parses `ORG/NAME` or `ORG/NAME@REVISION`. Throws BadInput. */
export function parseRepository(given: string): Repository {
  const at = given.indexOf("@");
  const [name, revision] = at === -1 ? [given, "main"] : [given.slice(0, at), given.slice(at + 1)];
  if (!MODEL_NAME.test(name))
    throw new WinnowError("BadInput", `${JSON.stringify(name)} is no model: give ${MODEL_NAME_IN_WORDS}`);
  if (!REVISION.test(revision) || revision.includes(".."))
    throw new WinnowError(
      "BadInput",
      `${JSON.stringify(revision)} is no revision: give a branch, a tag or a commit after the @`,
    );
  return { name, revision };
}

/** Resolves the revision to a commit, and lists the commit's files. Throws HubRefused, HubUnavailable, Cancelled. */
export async function describeRepository(call: HubCall, repository: Repository): Promise<DescribedRepository> {
  const path = `/api/models/${repository.name}/revision/${encodeURIComponent(repository.revision)}?blobs=true`;
  const text = await patiently(call, () =>
    requestOf(call, repository, path, { accept: "application/json" }, async ({ body }) => {
      try {
        return await bodyOf(body(), MAX_DESCRIPTION_BYTES);
      } catch (error) {
        if (!(error instanceof WinnowError) || error.code !== "BadInput") throw error;
        throw refused(
          `the model hub at ${call.endpoint} describes ${repository.name} in more than ${MAX_DESCRIPTION_BYTES} bytes`,
        );
      }
    }),
  );
  const { id, sha, siblings } = parsed(text, call, repository);
  const files = siblings.flatMap((sibling) => fileOf(sibling) ?? []);
  if (files.length === 0)
    throw refused(
      `the model hub at ${call.endpoint} lists no file of ${id} with its size and digest, without which none is fetched`,
    );
  return { name: id, commit: sha, files };
}

function parsed(text: string, { endpoint }: HubCall, { name }: Repository): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    throw unavailable(
      `the model hub at ${endpoint} describes ${name} in a form that cannot be read; HF_ENDPOINT names the hub`,
    );
  }
}

type Sibling = z.infer<typeof answerSchema>["siblings"][number];

/** Null for a file whose digest or size the hub does not state, and for a path that leads elsewhere. */
function fileOf({ rfilename: path, size, blobId, lfs }: Sibling): HubFile | null {
  const plain = path.split("/").every((step) => step !== "" && step !== "." && step !== "..");
  if (!plain || path.includes("\\") || visibleName(path) !== path) return null;
  if (lfs)
    return /^[0-9a-f]{64}$/.test(lfs.sha256)
      ? { path, bytes: lfs.size, digest: { kind: "sha256", hex: lfs.sha256 } }
      : null;
  if (typeof size !== "number" || !blobId || !/^[0-9a-f]{40}$/.test(blobId)) return null;
  return { path, bytes: size, digest: { kind: "git", hex: blobId } };
}
