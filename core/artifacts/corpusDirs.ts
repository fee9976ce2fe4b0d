/** Folders of the artifacts that make up one searchable corpus. */
export interface CorpusDirs {
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
}
