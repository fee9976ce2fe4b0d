// Prints the path of the vector database for `npm run test:long`: cached, or built with Go. The build takes some
// minutes and verifies every module against Go's checksum database.
import { join } from "node:path";
import { cache } from "./paths.mjs";
import { goProgram } from "./versitygw.mjs";

const MODULE = "github.com/weaviate/weaviate/cmd/weaviate-server@v1.35.2";

const target = join(cache, "bin", process.platform === "win32" ? "weaviate-server.exe" : "weaviate-server");
console.log(await goProgram(MODULE, target));
