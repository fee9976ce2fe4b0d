import { posix } from "node:path";

/** Folders of a built site without pages of docs: assets, copies of sources, source code, lists of pages. */
const FOLDERS =
  /(?:^|\/)(?:_static|_sources|_modules|_templates|_layouts|_includes|tags|categories|class-use|src-html|index-files)\//i;
/** Error pages, and the indexes of Sphinx, DocBook, Javadoc and Doxygen. */
const NAMES = new Set(
  "404 genindex py-modindex bookindex ix01 index-all allclasses allclasses-index allclasses-frame allclasses-noframe allpackages-index overview-frame overview-tree package-frame package-tree package-use deprecated-list serialized-form help-doc namespacemembers".split(
    " ",
  ),
);
/** Sphinx's index by letters, and Doxygen's lists of members by kind and letter, folders, sources and class members. */
const PARTS = new RegExp(
  `^(?:${[
    "genindex-.+",
    "(?:functions|globals|namespacemembers)(?=_)(?:_(?:func|vars|type|enum|eval|prop|defs|rela|evnt))?(?:_(?:[a-z~]|0x[0-9a-f]+))?",
    "dir_[0-9a-f]{32}",
    ".+_8\\w+_source",
    "(?:class|struct|union|interface|protocol|exception|namespace)\\w+-members",
  ].join("|")})$`,
  "i",
);

/** True for a file of a built site that is no page of docs. */
export function isListing(path: string): boolean {
  const name = posix.basename(path).replace(/\.x?html?$/i, "");
  return FOLDERS.test(path) || NAMES.has(name.toLowerCase()) || PARTS.test(name);
}
