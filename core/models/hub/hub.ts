/** A model hub: huggingface.co, or a mirror with the same API. */
export interface HubSettings {
  /** Without a trailing slash. */
  endpoint: string;
  /** Access token; sent to the endpoint only. */
  token: string | null;
}

/** How long the hub is waited for. */
export interface HubPatience {
  /** Most milliseconds until an answer begins. */
  answerMs: number;
  /** A body that brings fewer than `slowBytes` in this time is given up; what came is kept. */
  slowMs: number;
  slowBytes: number;
  /** Attempts without progress, after which the hub counts as unavailable. */
  tries: number;
  /** Wait after the first failure; it doubles with each further one. */
  retryMs: number;
  /** A hub that asks for a longer wait counts as unavailable. */
  longestWaitMs: number;
}

export const HUB_PATIENCE: HubPatience = {
  answerMs: 30_000,
  slowMs: 30_000,
  slowBytes: 32_768,
  tries: 5,
  retryMs: 1000,
  longestWaitMs: 120_000,
};

/** A hub with the limits of a call to it. */
export interface HubCall extends HubSettings {
  patience: HubPatience;
  signal: AbortSignal;
}

/** A model on a hub. */
export interface Repository {
  /** `ORG/NAME`, or `NAME` for the oldest models. */
  name: string;
  /** Branch, tag or commit. */
  revision: string;
}

/** A file of a repository, as the hub describes it. */
export interface HubFile {
  path: string;
  bytes: number;
  /** SHA-256 of a file in large file storage, otherwise its git blob id (SHA-1 over a header and the content). */
  digest: { kind: "sha256" | "git"; hex: string };
}
