import { corpusSuite } from "./testing/corpusSuite.ts";

// Corpora on search servers run it in tests/vectors, which has servers.
corpusSuite("in memory", () => null);
