import { expect, test } from "vitest";
import { runSteps, type Step } from "./check.ts";

function script(name: string, code: string): Step {
  return { name, command: [process.execPath, "-e", code] };
}

async function printedBy(...steps: Step[]): Promise<{ ok: boolean; lines: string[] }> {
  const lines: string[] = [];
  const ok = await runSteps(steps, (line) => lines.push(line.replace(/\d+\.\d/, "0.0")));
  return { ok, lines };
}

test("steps that are well print one line each, in their order, whichever ends first", async () => {
  const slow = script("slow", "setTimeout(() => console.log('unseen'), 200)");
  expect(await printedBy(slow, script("quick", ""), script("last", ""))).toEqual({
    ok: true,
    lines: ["ok       0.0 s  slow", "ok       0.0 s  quick", "ok       0.0 s  last"],
  });
});

test("a step that fails prints all that it said, fails the whole, and keeps no other from running", async () => {
  const broken = script("broken", "console.log('one'); console.error('two'); process.exitCode = 3");
  const { ok, lines } = await printedBy(broken, script("after", ""));
  expect(ok).toBe(false);
  expect(lines[0]).toBe("FAILED   0.0 s  broken");
  expect(lines[1]?.split("\n").sort()).toEqual(["one", "two"]);
  expect(lines[2]).toBe("ok       0.0 s  after");
});

test("a program that is not there fails its step and says so", async () => {
  const { ok, lines } = await printedBy({ name: "missing", command: ["no-such-program"] });
  expect(ok).toBe(false);
  expect(lines[1]).toContain("no-such-program");
});
