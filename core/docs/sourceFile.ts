/** One page file of a docs source, by its path below the docs root, with forward slashes. */
export interface SourceFile {
  path: string;
  bytes: Buffer;
}

/** What a folder or archive holds. */
export interface FoundFiles {
  files: SourceFile[];
  /** Paths of the files that say which generator publishes pages. */
  configs: string[];
}

export const MAX_FILES = 200_000;
/** Files above this are not read: ingest quarantines them by name. */
export const MAX_PAGE_BYTES = 5_000_000;
/** All pages are held in memory: no source may have more than this. */
export const MAX_SOURCE_BYTES = 500_000_000;
