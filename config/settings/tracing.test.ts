import { expect, test } from "vitest";
import { readingOf } from "../reading.ts";
import { readTraces } from "./tracing.ts";

const at = (env: Record<string, string>) => readTraces(readingOf(env));

test("nothing is sent without an endpoint, or if the SDK is disabled", () => {
  expect(at({})).toBeNull();
  expect(at({ OTEL_SERVICE_NAME: "docs", OTEL_EXPORTER_OTLP_HEADERS: "a=b" })).toBeNull();
  expect(at({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", OTEL_SDK_DISABLED: "true" })).toBeNull();
});

test("the path of traces is added to the endpoint of all signals, not to that of traces", () => {
  expect(at({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" })?.url).toBe("http://c:4318/v1/traces");
  expect(at({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/otlp/" })?.url).toBe("https://c/otlp/v1/traces");
  expect(at({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://c/in" })?.url).toBe("http://c/in");
});

test("headers are percent-decoded, the service has a name of its own", () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://c",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20abc=, x=1",
  };
  expect(at(env)).toMatchObject({ headers: { authorization: "Basic abc=", x: "1" }, service: "winnow" });
  expect(at({ ...env, OTEL_SERVICE_NAME: "docs" })?.service).toBe("docs");
});

test("unusable settings are refused with a remedy, and no secret is repeated", () => {
  const grpc = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  expect(() => at(grpc)).toThrow(/HTTP port \(4318 by default\)/);
  expect(() => at({ OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" })).toThrow(/give http:\/\/HOST:4318/);
  for (const secret of ["http://user:s3cret@c", "ftp://s3cret"])
    expect(() => at({ OTEL_EXPORTER_OTLP_ENDPOINT: secret })).toThrow(/^(?!.*s3cret)/);
  const headers = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c", OTEL_EXPORTER_OTLP_HEADERS: "s3cret" };
  expect(() => at(headers)).toThrow(/^OTEL_EXPORTER_OTLP_HEADERS: give name=value(?!.*s3cret)/);
});
