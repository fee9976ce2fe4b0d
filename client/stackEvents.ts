/** Processes of a stack. */
export type StackPart = "server" | "workers" | "api";

/** Events of an embedded server, its workers and the API during start, operation and stop. */
export type StackEvent =
  /** Another command is starting or stopping the stack of this home. */
  | { kind: "waiting"; pid: number }
  | { kind: "server started"; address: string; uiUrl: string }
  | { kind: "workers ready" }
  | { kind: "api ready"; url: string }
  /** A part exited unexpectedly and will be restarted. `how` is null if it exited while starting. */
  | { kind: "ended"; part: StackPart; how: string | null; restartSeconds: number; log: string }
  | { kind: "stopping"; part: StackPart };

export type OnStackEvent = (event: StackEvent) => void;
