/** Processes of a stack. */
export type StackPart = "server" | "workers";

/** Events of an embedded server and its workers during start, operation and stop. */
export type StackEvent =
  /** Another command is starting or stopping the stack of this home. */
  | { kind: "waiting"; pid: number }
  | { kind: "server started"; address: string; uiUrl: string }
  | { kind: "workers ready" }
  /** A part exited unexpectedly and will be restarted. `how` is null if it exited while starting. */
  | { kind: "ended"; part: StackPart; how: string | null; restartSeconds: number; log: string }
  | { kind: "stopping"; part: StackPart };

export type OnStackEvent = (event: StackEvent) => void;
