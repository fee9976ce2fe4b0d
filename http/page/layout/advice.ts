/** What a person can do about an error, by its code. Used on the server and in the browser. */
const ADVICE: Record<string, string> = {
  BadInput: "Change the question or the address and try again.",
  UnknownRelease: "Build one with `npx winnow run --docs FOLDER`, or choose another release.",
  NotFound: "Check the address.",
  Busy: "Many questions are under way. Try again in a few seconds.",
  TooManyRequests: "Wait a little and try again.",
  TemporalUnreachable: "Start it with `npx winnow up`. This page works again as soon as Temporal answers.",
  Cancelled: "The server stopped or the connection broke. Ask again.",
  NoWorker: "Start the workers with `npx winnow up`, then try again.",
  StoreUnavailable: "The store of the releases does not answer. Try again soon.",
  StorageFailed: "The folder of the releases cannot be read or written. `npx winnow doctor` says why.",
  CorruptArtifact: "`npx winnow fsck` names what is damaged.",
  ComputeCrashed: "Try again: a crashed process is replaced.",
  LlmUnavailable: "The language model does not answer. Try again soon.",
  LlmSilent: "The language model does not answer. Try again soon.",
  PromotionConflict: "Someone else decided in the meantime. Look at the releases again.",
  HostNotAllowed: "The operator can allow this name with `--allowed-hosts`.",
  Offline: "The server cannot be reached. Check that it runs, then try again.",
};

/** Says what to do about an error, in one sentence or two; null where nothing but its message helps. */
export function adviceOf(code: string): string | null {
  return ADVICE[code] ?? null;
}
