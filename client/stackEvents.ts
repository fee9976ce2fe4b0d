/** Events of an embedded server and its workers during start and operation. */
export type StackEvent =
  | { kind: "server started"; address: string; uiUrl: string }
  | { kind: "workers ready" }
  /** The workers exited unexpectedly and will be restarted. `how` is null if they exited while starting. */
  | { kind: "workers ended"; how: string | null; restartSeconds: number; log: string };

export type OnStackEvent = (event: StackEvent) => void;
