/** Settings of the person who runs the tests, which must not steer them: they start servers and models of their own. */
const SETTINGS =
  /^(TEMPORAL_|OTEL_|WINNOW_(LLM_|HTTP_|THREADS$|HEAP_MB$|ENGINES$|STAGES_|QUESTIONS_|HEALTH_|METRICS_|PAYLOAD_|LISTEN_|ARTIFACTS|VECTORS|SEARCH|DOCS_ROOTS|GIT_HOSTS|SITE_HOSTS|LOG_LEVEL$|FAILPOINT$|KEEP_QUESTIONS$))/;

/** The environment without them. */
export function testEnv(env = process.env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SETTINGS.test(name)));
}
