import type { VectorServer } from "../../core/base/compute.ts";
import { refused, text } from "../kinds.ts";
import { type Group, type Kind, type Reading, setting } from "../schema.ts";

type Server = Omit<VectorServer, "apiKey">;

const server: Kind<Server> = {
  type: "`weaviate+http://host:port/Prefix?replicas=2`",
  parse(given, name) {
    const wrong = (problem: string) =>
      refused(`${name} ${problem}: give weaviate+http://host:port or weaviate+https://host:port/Prefix?replicas=2`);
    const [, address = ""] = /^weaviate\+(https?:\/\/.+)$/.exec(given) ?? [];
    if (!URL.canParse(address)) throw wrong("is no address of a vector database that Winnow knows");
    const url = new URL(address);
    if (url.username || url.password) throw wrong("holds a password, which belongs into WINNOW_VECTORS_API_KEY");
    const prefix = url.pathname.slice(1) || "Winnow";
    if (!/^[A-Z][A-Za-z0-9]{0,40}$/.test(prefix))
      throw wrong(`has the prefix ${JSON.stringify(prefix)}, but only a capital letter and letters or digits after it`);
    const replicas = Number(url.searchParams.get("replicas") ?? 1);
    if (!Number.isInteger(replicas) || replicas < 1) throw wrong("has replicas that are no whole number above 0");
    return { kind: "weaviate", url: url.origin, prefix, replicas };
  },
  show: ({ url, prefix, replicas }) => `weaviate+${url}/${prefix}?replicas=${replicas}`,
};

const VECTORS = setting({
  name: "WINNOW_VECTORS",
  kind: server,
  default: "none: FAISS, in a file of each release",
  help: "Weaviate server that vectors are stored and searched in. The prefix starts the names of its collections.",
  readBy: ["workers", "cli"],
});

const API_KEY = setting({
  name: "WINNOW_VECTORS_API_KEY",
  kind: text,
  default: "none",
  help: "API key of that server.",
  secret: true,
  readBy: ["workers", "cli"],
});

export const VECTOR_SERVER: Group = {
  title: "Vector server",
  about: "An optional vector database. Set it for workers and command alike.",
  settings: [VECTORS, API_KEY],
};

/** Returns the server of `WINNOW_VECTORS`, or null if none is named. Throws BadInput. */
export function readVectorServer({ get }: Reading): VectorServer | null {
  const named = get(VECTORS);
  return named && { ...named, apiKey: get(API_KEY) };
}
