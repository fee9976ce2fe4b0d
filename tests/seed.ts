import fc from "fast-check";

// The same trials in every run. Otherwise a test that fails once in a thousand runs would fail for unrelated changes.
fc.configureGlobal({ seed: 20_260_801 });
