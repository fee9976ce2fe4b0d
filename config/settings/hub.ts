import type { HubSettings } from "../../core/models/hub/hub.ts";
import { address, refused, withoutPassword } from "../kinds.ts";
import { type Group, type Kind, type Reading, setting } from "../schema.ts";

const hub: Kind<string> = {
  ...address,
  parse(given, name) {
    const parsed = address.parse(given, name).replace(/\/+$/, "");
    const { username, password, search, hash } = new URL(parsed);
    if (!username && !password && !search && !hash) return parsed;
    throw refused(`${name} is ${withoutPassword(given)}: give the address alone; HF_TOKEN holds the key`);
  },
};

const token: Kind<string> = {
  type: "text",
  parse(given, name) {
    const trimmed = given.trim();
    if (/^[\x21-\x7e]{1,500}$/.test(trimmed)) return trimmed;
    throw refused(`${name} is no token: it holds spaces or characters that no header may have`);
  },
  show: () => "set",
};

const ENDPOINT = setting({
  name: "HF_ENDPOINT",
  kind: hub,
  default: "`https://huggingface.co`",
  help: "The model hub, or a mirror with the same API.",
  readBy: ["set-up", "cli"],
  fallback: () => "https://huggingface.co",
});

const TOKEN = setting({
  name: "HF_TOKEN",
  kind: token,
  default: "none: public models only",
  help: "Access token for gated and private models. It is sent to the hub alone, never to the host that stores the files.",
  secret: true,
  readBy: ["cli"],
});

export const HUB: Group = {
  title: "Model hub",
  about: "Where `winnow models add` and set-up fetch models.",
  settings: [ENDPOINT, TOKEN],
};

/** Returns the hub that models are fetched from. Throws BadInput. */
export function readHub({ get }: Reading): HubSettings {
  return { endpoint: get(ENDPOINT), token: get(TOKEN) };
}
