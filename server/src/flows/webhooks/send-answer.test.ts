import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantFromMs } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { printableLine, printableStart, retryAfterMs } from "./send-answer.ts";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 7);
const world: World = { now: () => instantFromMs(NOW), random: (bytes) => Buffer.alloc(bytes) };

describe("the kept start of an answer", () => {
  test("whatever bytes come, it is printable UTF-8 within its limit", () => {
    const chunks = fc.oneof(
      fc.uint8Array({ maxLength: 3_000 }),
      fc.string({ unit: "binary", maxLength: 1_000 }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(chunks, fc.integer({ min: 4, max: 1_024 }), (bytes, maxBytes) => {
        const kept = printableStart(bytes, maxBytes);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(maxBytes);
        expect(kept.isWellFormed()).toBe(true);
        expect(kept).not.toMatch(/[^\P{C}\n\t]/u);
      }),
    );
  });

  test("text that prints is kept as it is, cut between characters", () => {
    expect(printableStart(Buffer.from('{"ok":true,\r\n\t"name":"Zoë 🧾"}'), 1_024)).toBe(
      '{"ok":true,\n\t"name":"Zoë 🧾"}',
    );
    expect(printableStart(Buffer.from("ab🧾"), 5)).toBe("ab");
    expect(printableStart(Buffer.from("ab🧾").subarray(0, 4), 1_024)).toBe("ab");
  });

  test("U+0000, escapes and marks that turn the direction of text are replaced", () => {
    expect(printableStart(Buffer.from("a\u0000b\u001b[31mc\u202ed"), 1_024)).toBe(
      "a\ufffdb\ufffd[31mc\ufffdd",
    );
  });

  test("a sentence stays on one short line", () => {
    expect(printableLine("a\n b\u0007\t\tc", 100)).toBe("a b\ufffd c");
    expect(printableLine("🧾🧾", 3)).toBe("🧾\ufffd");
  });
});

describe("Retry-After", () => {
  test.each([
    ["0", 0],
    ["120", 120_000],
    [" 5 ", 5_000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 30_000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 30_000],
    ["Sun Nov  6 08:49:37 1994", 30_000],
    ["Sun, 06 Nov 1994 08:00:00 GMT", 0],
  ])("%j is read", (header, ms) => {
    expect(retryAfterMs(header, world)).toBe(ms);
    expect(retryAfterMs([header, "7"], world)).toBe(ms);
  });

  test.each([
    undefined,
    "",
    "-1",
    "1.5",
    "soon",
    "1e3",
    "12345678901",
    "2030-01-01",
    "Sun, 99 Nov 1994 99:99:99 GMT",
  ])("%j asks for nothing", (header) => {
    expect(retryAfterMs(header, world)).toBeNull();
  });
});
