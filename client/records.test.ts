import { mkdtempSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { S3Settings } from "../core/storage/s3/bucketUrl.ts";
import { recordedAnswer, recordedQuestion } from "./records.ts";

afterEach(() => vi.unstubAllEnvs());

test("a store that does not answer delays a question by seconds, and is named for an answer", async () => {
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "test");
  const open = new Set<Socket>();
  const silent = createServer((socket) => void open.add(socket));
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const artifacts = { bucket: "b", prefix: "", endpoint, region: "r" } as unknown as S3Settings;
  const places = { home: mkdtempSync(join(tmpdir(), "winnow-records-")), artifacts, payloadKeys: null };
  try {
    const began = performance.now();
    const [question, answer] = await Promise.allSettled([
      recordedQuestion(places, "ask-1"),
      recordedAnswer(places, "ask-1"),
    ]);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(question).toEqual({ status: "fulfilled", value: null });
    expect(answer).toMatchObject({ status: "rejected", reason: { code: "StoreUnavailable" } });
  } finally {
    for (const socket of open) socket.destroy();
    silent.close();
  }
}, 30_000);
