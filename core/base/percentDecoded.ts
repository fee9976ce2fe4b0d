/** Text with its percent-encoded characters decoded; unchanged if one is malformed. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
