/** What the address of the Ask view holds. */
export interface Asked {
  question: string;
  corpus?: string;
  release?: string;
}

/** The question and choice as typed, for the form. An empty field is no choice. */
export function typed(query: Record<string, string>): Asked {
  const { q = "", corpus, release } = query;
  return { question: q.trim(), ...(corpus ? { corpus } : {}), ...(release ? { release } : {}) };
}

/** Address of the view that asks this. */
export function askPath({ question, corpus, release }: Asked): string {
  const query = new URLSearchParams({ q: question, ...(corpus ? { corpus } : {}), ...(release ? { release } : {}) });
  return `/?${query}`;
}
