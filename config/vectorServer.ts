import type { VectorServer } from "../core/base/compute.ts";
import { WinnowError } from "../core/base/errors.ts";

/**
 * The server that WINNOW_VECTORS (`weaviate+http://host:port/Prefix?replicas=2`) names, with WINNOW_VECTORS_API_KEY; null
 * where none is named. `env` is what the two readers of the environment give. Throws BadInput.
 */
export function vectorServerSettings(env: Record<string, string | undefined>): VectorServer | null {
  const text = env.WINNOW_VECTORS;
  if (!text) return null;
  const wrong = (problem: string) =>
    new WinnowError(
      "BadInput",
      `WINNOW_VECTORS ${problem}: give weaviate+http://host:port or weaviate+https://host:port/Prefix?replicas=2`,
    );
  const [, address = ""] = /^weaviate\+(https?:\/\/.+)$/.exec(text) ?? [];
  if (!URL.canParse(address)) throw wrong("is no address of a vector database that Winnow knows");
  const url = new URL(address);
  if (url.username || url.password) throw wrong("holds a password, which belongs into WINNOW_VECTORS_API_KEY");
  const prefix = url.pathname.slice(1) || "Winnow";
  if (!/^[A-Z][A-Za-z0-9]{0,40}$/.test(prefix))
    throw wrong(`has the prefix ${JSON.stringify(prefix)}, but only a capital letter and letters or digits after it`);
  const replicas = Number(url.searchParams.get("replicas") ?? 1);
  if (!Number.isInteger(replicas) || replicas < 1) throw wrong("has replicas that are no whole number above 0");
  return { kind: "weaviate", url: url.origin, prefix, replicas, apiKey: env.WINNOW_VECTORS_API_KEY || null };
}
