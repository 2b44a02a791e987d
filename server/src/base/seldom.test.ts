import { describe, expect, it } from "vitest";
import { type Instant, instantFromMicros } from "./instant.ts";
import { LOGGED } from "./limits.ts";
import { createSeldom } from "./seldom.ts";

function listen(calmMs: number) {
  let now: Instant = instantFromMicros(0n);
  const said: string[] = [];
  const seldom = createSeldom({ now: () => now, random: (bytes) => Buffer.alloc(bytes) }, calmMs);
  return {
    said,
    at: (ms: number) => (now = instantFromMicros(BigInt(ms) * 1_000n)),
    happen: () => seldom.happened((times) => said.push(`${times} more`)),
    end: () => seldom.over((times) => said.push(`over after ${times}`)),
  };
}

describe("what goes on and on is said seldom", () => {
  it("when it begins, once in a while with how often it happened, and when it is over", () => {
    const { said, at, happen, end } = listen(0);
    end();
    for (let times = 0; times < 5; times++) happen();
    at(LOGGED.everyMs - 1);
    happen();
    expect(said).toEqual(["1 more"]);
    at(LOGGED.everyMs);
    happen();
    expect(said).toEqual(["1 more", "6 more"]);
    end();
    end();
    expect(said).toEqual(["1 more", "6 more", "over after 7"]);
    happen();
    expect(said.at(-1)).toBe("1 more");
  });

  it("what comes and goes is over only when it has stayed away for a while", () => {
    const { said, at, happen, end } = listen(1_000);
    happen();
    at(900);
    end();
    happen();
    at(1_800);
    end();
    expect(said).toEqual(["1 more"]);
    at(1_900);
    end();
    expect(said).toEqual(["1 more", "over after 2"]);
  });
});
