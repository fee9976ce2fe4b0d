/** What happens to an embedded server and its workers while they start and run. */
export type StackEvent =
  | { kind: "server started"; address: string; uiUrl: string }
  | { kind: "workers ready" }
  /** The workers ended by themselves and are started again; `how` is null when they ended while starting. */
  | { kind: "workers ended"; how: string | null; restartSeconds: number; log: string };

export type OnStackEvent = (event: StackEvent) => void;
