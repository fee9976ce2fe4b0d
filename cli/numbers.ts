/** A number with a fixed number of digits, or `n/a`. */
export function number(value: number | null, digits = 3): string {
  return value === null ? "n/a" : value.toFixed(digits);
}

export function percent(value: number | null): string {
  return value === null ? "n/a" : `${(100 * value).toFixed(0)} %`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

/** `1 page`, `2 pages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
