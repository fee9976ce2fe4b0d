/** Folder of a home for files that are being fetched. `winnow gc` removes what an interrupted command left there. */
export const DOWNLOADS = "downloads";
