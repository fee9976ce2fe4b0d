/** Folders of the artifacts that make up one corpus ready to be searched. */
export interface CorpusDirs {
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
}
