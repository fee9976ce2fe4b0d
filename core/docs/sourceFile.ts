/** One page file of a docs source, identified by its path below the docs root, with forward slashes. */
export interface SourceFile {
  path: string;
  bytes: Buffer;
}

/** Files found in a folder or archive. */
export interface FoundFiles {
  files: SourceFile[];
  /** Paths of the files that identify the pages' generator. */
  configs: string[];
  /** Paths of files in a markup language that is not read (formats/unread.ts). */
  unread: string[];
}

export const MAX_FILES = 200_000;
/** Larger files are not read, unless their format says otherwise: ingest quarantines them by name. */
export const MAX_PAGE_BYTES = 5_000_000;
/** Limit on a source's size, because all pages are held in memory. */
export const MAX_SOURCE_BYTES = 500_000_000;
