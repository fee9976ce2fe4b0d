import type { ClientConfigProfile } from "@temporalio/envconfig";
import { path, pem, text } from "../kinds.ts";
import { type Group, type Kind, type Reader, type Setting, setting } from "../schema.ts";

const BOTH: Reader[] = ["workers", "cli"];
const ALSO_SET_UP: Reader[] = [...BOTH, "set-up"];

type Field = (profile: ClientConfigProfile) => string | undefined;
type Certificate = "clientCert" | "clientKey" | "serverCACert";

const pathIn =
  (field: Certificate): Field =>
  ({ tls }) => {
    const source = tls?.[field];
    return source && "path" in source ? source.path : undefined;
  };
const dataIn =
  (field: Certificate): Field =>
  ({ tls }) => {
    const source = tls?.[field];
    return source && "data" in source ? "PEM text" : undefined;
  };

const SERVER = [
  setting({
    name: "TEMPORAL_ADDRESS",
    kind: { ...text, type: "`host:port`" },
    default: "none: `winnow up` starts a server, and workers that run alone use `127.0.0.1:7233`",
    help: "Temporal server that you run.",
    readBy: ALSO_SET_UP,
    profile: ({ address }) => address,
  }),
  setting({
    name: "TEMPORAL_NAMESPACE",
    kind: text,
    default: "`default`",
    help: "Namespace on that server.",
    readBy: BOTH,
    profile: ({ namespace }) => namespace,
    fallback: () => "default",
  }),
  setting({
    name: "TEMPORAL_PROFILE",
    kind: text,
    default: "`default`",
    help: "Profile in Temporal's configuration file. Its fields count where a variable of this section is unset.",
    readBy: ALSO_SET_UP,
    fallback: () => "default",
  }),
  setting({
    name: "TEMPORAL_CONFIG_FILE",
    kind: path,
    default: "`temporalio/temporal.toml` in the user's configuration folder",
    help: "Temporal's configuration file. With an empty text no profile is read.",
    readBy: ALSO_SET_UP,
    emptyCounts: true,
  }),
  setting({
    name: "TEMPORAL_API_KEY",
    kind: text,
    default: "none",
    help: "API key of the server. TLS is on wherever there is a key.",
    secret: true,
    readBy: BOTH,
    profile: ({ apiKey }) => apiKey,
  }),
  setting({
    name: "TEMPORAL_GRPC_META_*",
    kind: { ...text, type: "text for each header" },
    default: "none",
    help: "Headers of every request. `TEMPORAL_GRPC_META_SOME_NAME` sends the header `some-name`, and an empty text drops that header of the profile.",
    secret: true,
    readBy: BOTH,
    profile: ({ grpcMeta = {} }) => Object.keys(grpcMeta).join(", ") || undefined,
  }),
];

const onOrOff: Kind<string> = { ...text, type: "`true` or `false`" };

function tls(name: string, kind: Kind<string>, help: string, rest: Partial<Setting<string, null>> = {}): Setting {
  return setting({ name: `TEMPORAL_TLS${name}`, kind, default: "none", help, readBy: BOTH, ...rest });
}

const TLS = [
  tls("", onOrOff, "Whether the connection is secured.", {
    default: "`true` where there is an API key or another TLS setting, otherwise `false`",
    profile: ({ tls: given }) => (given?.disabled === undefined ? undefined : String(!given.disabled)),
  }),
  tls("_CLIENT_CERT_PATH", path, "File with the client's certificate, for mTLS.", { profile: pathIn("clientCert") }),
  tls("_CLIENT_CERT_DATA", pem, "The client's certificate itself.", { profile: dataIn("clientCert") }),
  tls("_CLIENT_KEY_PATH", path, "File with the key of that certificate.", { profile: pathIn("clientKey") }),
  tls("_CLIENT_KEY_DATA", pem, "The key of that certificate itself.", {
    secret: true,
    profile: dataIn("clientKey"),
  }),
  tls("_SERVER_CA_CERT_PATH", path, "File with the authority of the server's certificate.", {
    default: "none: the system's authorities",
    profile: pathIn("serverCACert"),
  }),
  tls("_SERVER_CA_CERT_DATA", pem, "That authority's certificate itself.", {
    default: "none: the system's authorities",
    profile: dataIn("serverCACert"),
  }),
  tls("_SERVER_NAME", text, "Name in the server's certificate.", {
    default: "the host of the address",
    profile: ({ tls: given }) => given?.serverName,
  }),
  tls("_DISABLE_HOST_VERIFICATION", onOrOff, "Not supported: `true` ends the process. Give the server's authority."),
];

export const TEMPORAL: Group = {
  title: "Temporal",
  about:
    "Which Temporal server is used, and the credentials it is shown. These are Temporal's own variables, with Temporal's own rules. Credentials are read at start.",
  settings: [...SERVER, ...TLS],
};
