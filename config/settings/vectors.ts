import type { VectorServer } from "../../core/base/compute.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { refused, text } from "../kinds.ts";
import { type Group, type Kind, type Reading, setting } from "../schema.ts";

type Server = Omit<VectorServer, "apiKey">;

/** Collections are divided for good, so this bounds what a mistyped number costs. */
const MOST_SHARDS = 1024;
/** Characters of a wrong part that a message repeats. */
const SHOWN = 60;

const server: Kind<Server> = {
  type: "`weaviate+http://host:port/Prefix?replicas=2`",
  parse(given, name) {
    const { addresses, prefix, number } = partsOf(
      given,
      name,
      ["replicas"],
      "weaviate+http://host:port/Prefix?replicas=2",
    );
    const [url, ...others] = addresses;
    if (others.length > 0)
      throw refused(`${name} names ${addresses.length} servers, but takes one: WINNOW_SEARCH takes several`);
    return { kind: "weaviate", url: url!, prefix, replicas: number("replicas", 1) };
  },
  show: ({ url, prefix, replicas }) => `weaviate+${url}/${prefix}?replicas=${replicas}`,
};

const searchServers: Kind<Server> = {
  type: "`weaviate+http://a:port,b:port/Prefix?replicas=2&shards=6`",
  parse(given, name) {
    const example = "weaviate+http://a:port,b:port/Prefix?replicas=2";
    const { addresses: urls, prefix, number } = partsOf(given, name, ["replicas", "shards"], example);
    const replicas = number("replicas", Math.min(2, urls.length));
    if (replicas > urls.length)
      throw refused(`${name} has ${replicas} replicas, but names ${urls.length} servers: each needs one of its own`);
    const shards = number("shards", urls.length);
    if (shards > MOST_SHARDS) throw refused(`${name} has ${shards} shards: ${MOST_SHARDS} are the most`);
    return { kind: "weaviate", url: urls[0]!, prefix, replicas, corpus: { urls, shards } };
  },
  show: ({ prefix, replicas, corpus }) => {
    const { urls, shards } = corpus!;
    const scheme = new URL(urls[0]!).protocol;
    const hosts = urls.map((url) => new URL(url).host).join(",");
    return `weaviate+${scheme}//${hosts}/${prefix}?replicas=${replicas}&shards=${shards}`;
  },
};

/** The parts of a server address with these parameters. Throws BadInput, which never contains a password. */
function partsOf(given: string, name: string, parameters: readonly string[], example: string) {
  const wrong = (problem: string) => refused(`${name} ${problem}: give ${example}`);
  const [, scheme, hosts = "", rest = ""] = /^weaviate\+(https?:\/\/)([^/?#\\\s]+)([^#\\\s]*)$/.exec(given) ?? [];
  const urls = hosts.split(",").map((host) => (URL.canParse(`${scheme}${host}`) ? new URL(`${scheme}${host}`) : null));
  if (hosts === "" || !URL.canParse(`http://x${rest}`))
    throw wrong("is no address of a vector database that Winnow knows");
  if (hosts.includes("@")) throw wrong(`holds a password, which belongs into ${name}_API_KEY`);
  if (urls.includes(null)) throw wrong("is no address of a vector database that Winnow knows");
  const addresses = urls.map((url) => url!.origin);
  if (new Set(addresses).size < addresses.length) throw wrong("names a server twice");
  const { pathname, searchParams } = new URL(`http://x${rest}`);
  const prefix = pathname.slice(1) || "Winnow";
  if (!/^[A-Z][A-Za-z0-9]{0,40}$/.test(prefix))
    throw wrong(
      `has the prefix ${JSON.stringify(prefix.slice(0, SHOWN))}, but only a capital letter and letters or digits after it`,
    );
  const keys = [...searchParams.keys()];
  const unknown = keys.find((key, at) => !parameters.includes(key) || keys.indexOf(key) !== at);
  if (unknown !== undefined)
    throw wrong(`has ${JSON.stringify(unknown.slice(0, SHOWN))}, but takes ${parameters.join(" and ")}, once`);
  const number = (key: string, usual: number) => {
    const value = Number(searchParams.get(key) ?? usual);
    if (!Number.isInteger(value) || value < 1) throw wrong(`has ${key} that are no whole number above 0`);
    return value;
  };
  return { addresses, prefix, number };
}

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

const SEARCH = setting({
  name: "WINNOW_SEARCH",
  kind: searchServers,
  default: "none: passages and BM25 in the memory of each query worker",
  help:
    "Weaviate servers that hold vectors, BM25 and passages, so that query workers hold none of them. Each server runs " +
    "alone, outside any Weaviate cluster. Defaults: 2 replicas, and as many shards as servers. Replaces `WINNOW_VECTORS`.",
  readBy: ["workers", "cli"],
});

const SEARCH_API_KEY = setting({
  name: "WINNOW_SEARCH_API_KEY",
  kind: text,
  default: "none",
  help: "API key of those servers.",
  secret: true,
  readBy: ["workers", "cli"],
});

export const VECTOR_SERVER: Group = {
  title: "Vector and search servers",
  about:
    "An optional vector database, for vectors alone or for the whole corpus. Set it for workers and command alike.",
  settings: [VECTORS, API_KEY, SEARCH, SEARCH_API_KEY],
};

/** Returns the server of `WINNOW_VECTORS` or those of `WINNOW_SEARCH`, or null if none is named. Throws BadInput. */
export function readVectorServer({ get }: Reading): VectorServer | null {
  const [vectors, search] = [get(VECTORS), get(SEARCH)];
  if (vectors && search) throw new WinnowError("BadInput", "WINNOW_SEARCH holds the vectors too: unset WINNOW_VECTORS");
  if (search) return { ...search, apiKey: get(SEARCH_API_KEY) };
  return vectors && { ...vectors, apiKey: get(API_KEY) };
}
