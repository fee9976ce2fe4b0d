/** Exit codes of every command; `winnow --help` prints them. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, temporalUnreachable: 3, busy: 4, cancelled: 130 } as const;
