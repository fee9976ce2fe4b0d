const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its largest unit: `45 s`, `4 min`, `3 h`, `12 days`. */
export function span(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  return seconds < 2 * DAY ? `${Math.round(seconds / HOUR)} h` : `${Math.round(seconds / DAY)} days`;
}

/** `just now`, `4 min ago`, `in 3 h`. */
export function relativeTo(iso: string, now: number = Date.now()): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Math.abs(seconds) < 5) return "just now";
  return seconds > 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
}

/** A time to the minute: `2026-11-22 10:00 UTC`. */
export function minute(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/** `5 s`, `2:30 min`: the time that work under way still takes. */
export function remaining(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s left`;
  if (whole < HOUR) return `${Math.ceil(whole / MINUTE)} min left`;
  return `${Math.floor(whole / HOUR)} h ${Math.round((whole % HOUR) / MINUTE)} min left`;
}
