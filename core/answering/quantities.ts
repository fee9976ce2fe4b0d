/** Spellings of one unit, in lower case. "m" is a unit of time and of CPU. */
const UNITS = [
  "ns nanosecond nanoseconds",
  "us µs microsecond microseconds",
  "ms millisecond milliseconds",
  "s sec secs second seconds",
  "m min mins minute minutes",
  "m millicore millicores millicpu",
  "h hr hrs hour hours",
  "d day days",
  "ki kib kibibyte kibibytes",
  "mi mib mebibyte mebibytes",
  "gi gib gibibyte gibibytes",
  "ti tib tebibyte tebibytes",
  "kb kilobyte kilobytes",
  "mb megabyte megabytes",
  "gb gigabyte gigabytes",
  "tb terabyte terabytes",
].map((unit) => unit.split(" "));
const NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const ANY_UNIT = [...new Set(UNITS.flat())].map(inAnyCase).join("|");

/** Pattern source for a number with an optional unit: "1,000", "v1.30", "50%", "30s", "30 seconds". */
export const QUANTITY = `v?(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:[.:]\\d+)*%?(?:[ -]?(?:${ANY_UNIT}))?`;

const WHOLE = new RegExp(`^(v?\\d[\\d.:,]*%?)[ -]?(${ANY_UNIT})?$`);

/** A quantity's number and unit, or null if `text` is not a quantity. */
export function quantityOf(text: string): { number: string; unit: string | null } | null {
  const match = WHOLE.exec(text);
  return match === null ? null : { number: match[1]!, unit: match[2]?.toLowerCase() ?? null };
}

/** True if a lower-case text contains the number, either with that unit in any spelling or without a unit. */
export function holdsQuantity(plain: string, number: string, unit: string | null): boolean {
  const wanted = number.replace(/^v/, "").replaceAll(",", "");
  const word = NUMBER_WORDS[Number(wanted)];
  const spellings = UNITS.filter((each) => unit !== null && each.includes(unit)).flat();
  const same = spellings.length > 0 ? `[ -]?(?:${spellings.join("|")})(?!\\w)|` : "";
  // "30 minutes" does not support "30 seconds", but "timeoutSeconds: 30" does.
  const other = unit === null ? "" : `|%| percent|[ -]?(?:${ANY_UNIT})(?!\\w)`;
  const bounded = (text: string) => new RegExp(`(?<![\\w.])v?${text}(?:${same}(?!\\w|\\.\\d${other}))`).test(plain);
  if (bounded(numberPattern(wanted)) || (word !== undefined && bounded(word))) return true;
  // "80,443" can also be a list.
  const listed = number.split(",");
  return listed.length > 1 && listed.every((each) => holdsQuantity(plain, each, unit));
}

/** Matches the number exactly, except for commas between thousands and "percent" instead of its sign. */
function numberPattern(number: string): string {
  const whole = /^\d*/.exec(number)![0];
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(?:\d{3})+$)/g, ",?") : whole;
  const rest = number.slice(whole.length);
  return `${grouped}${rest.replaceAll(".", "\\.").replace("%", "(?:%| percent)")}`;
}

function inAnyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
