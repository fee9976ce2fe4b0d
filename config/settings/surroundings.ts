import { folder, path, text } from "../kinds.ts";
import { type Group, setting } from "../schema.ts";

export const FAILPOINT = setting({
  name: "WINNOW_FAILPOINT",
  kind: { ...text, type: "`name:action,...`" },
  default: "none",
  help: "Points at which a worker crashes, hangs or fails, for tests of faults. Never set it in production.",
  readBy: ["workers", "tests"],
});

export const SET_UP: Group = {
  title: "Set-up",
  aside: true,
  about: "Read by `npm start`, `npm test` and `npm run setup` while they provide what Winnow needs.",
  settings: [
    setting({
      name: "WINNOW_MODEL_DIR",
      kind: folder,
      default: "none: fetched",
      help: "Folder with the files of the embedder, for a machine that can fetch nothing. Set-up copies them.",
      readBy: ["set-up"],
    }),
  ],
};

export const CONTAINERS: Group = {
  title: "Containers",
  aside: true,
  about: "Read by `docker-compose.yml` alone, from the shell or from `.env`.",
  settings: [
    setting({
      name: "WINNOW_DOCS",
      kind: path,
      default: "`./samples`",
      help: "Folder of docs that containers see as `/docs`, read-only.",
      readBy: ["containers"],
      fallback: () => "./samples",
    }),
    setting({
      name: "WINNOW_POSTGRES_PASSWORD",
      kind: text,
      default: "`temporal`",
      help: "Password of Temporal's database, which no port leads to from outside.",
      secret: true,
      readBy: ["containers"],
      fallback: () => "temporal",
    }),
    setting({
      name: "WINNOW_S3_USER",
      kind: text,
      default: "`winnow`",
      help: "User of the S3 server.",
      readBy: ["containers"],
      fallback: () => "winnow",
    }),
    setting({
      name: "WINNOW_S3_PASSWORD",
      kind: text,
      default: "`winnow-on-loopback`",
      help: "Password of that user.",
      secret: true,
      readBy: ["containers"],
      fallback: () => "winnow-on-loopback",
    }),
  ],
};

export const TESTING: Group = {
  title: "Tests and benches",
  aside: true,
  about: "For the development of Winnow.",
  settings: [
    FAILPOINT,
    setting({
      name: "WINNOW_TEST_DATA",
      kind: path,
      default: "`../shared`",
      help: "Folder with the Kubernetes docs and the question sets of the long tests.",
      readBy: ["tests"],
      fallback: () => "../shared",
    }),
    setting({
      name: "WINNOW_REQUIRE_ALL",
      kind: { ...text, type: "`1`" },
      default: "none",
      help: "With `1` a skipped test fails the run. `CI=true` does the same.",
      readBy: ["tests"],
    }),
    setting({
      name: "WINNOW_TEST_CHROMIUM",
      kind: path,
      default: "`/usr/bin/chromium`",
      help: "Chromium of the tests of the page.",
      readBy: ["tests"],
      fallback: () => "/usr/bin/chromium",
    }),
    setting({
      name: "WINNOW_TEST_NO_BROWSER",
      kind: { ...text, type: "`1`" },
      default: "none",
      help: "With `1` the tests of the page are left out. Without it they are skipped where there is no Chromium.",
      readBy: ["tests"],
    }),
    setting({
      name: "WINNOW_BENCH_PYTHON",
      kind: path,
      default: "none: comparisons are left out",
      help: "Python with sentence-transformers that benches compare with.",
      readBy: ["tests"],
    }),
  ],
};
