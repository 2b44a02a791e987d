import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run check`: every rule that a machine can hold without running the platform. Steps do not depend on each other
 * and run two at a time; each prints one line in the order below, a failed one also all that it said.
 * `npm run check -- tidy types` runs only the steps of these names.
 */
export interface Step {
  readonly name: string;
  /** A program from node_modules/.bin or the path, and its arguments. */
  readonly command: readonly [string, ...string[]];
}

const STEPS: readonly Step[] = [
  { name: "biome", command: ["biome", "ci", "--colors=off", "--error-on-warnings", "."] },
  { name: "oxlint", command: ["oxlint", "--deny-warnings"] },
  { name: "types", command: ["tsc", "-p", "tsconfig.json"] },
  { name: "types-checkout", command: ["tsc", "-p", "checkout/tsconfig.json"] },
  { name: "types-sdk", command: ["tsc", "-p", "sdk/tsconfig.json"] },
  { name: "types-examples", command: ["tsc", "-p", "examples/react-shop/tsconfig.json"] },
  { name: "types-embed", command: ["tsc", "-p", "sdk/embed/tsconfig.json"] },
  { name: "tidy", command: [process.execPath, "tools/tidy.ts"] },
  { name: "openapi", command: [process.execPath, "tools/dump-openapi.ts", "--check"] },
  { name: "sdk", command: [process.execPath, "tools/dump-sdk-types.ts", "--check"] },
  { name: "schema", command: [process.execPath, "tools/dump-schema.ts", "--check"] },
];

const AT_A_TIME = 2;
const TIMEOUT_MS = 300_000;
const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Outcome {
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** Runs the steps, printing each when it and all before it have ended. True if all are well. */
export async function runSteps(steps: readonly Step[], print: (line: string) => void): Promise<boolean> {
  const outcomes: Outcome[] = [];
  let next = 0;
  let printed = 0;
  const runSome = async (): Promise<void> => {
    for (let index = next++; index < steps.length; index = next++) {
      const step = steps[index];
      if (!step) return;
      outcomes[index] = await run(step);
      for (let done = outcomes[printed]; done; done = outcomes[printed]) {
        print(lineOf(steps[printed]?.name ?? "", done));
        if (!done.ok) print(done.output.trimEnd());
        printed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, runSome));
  return outcomes.every((outcome) => outcome.ok);
}

function lineOf(name: string, { ok, seconds }: Outcome): string {
  return `${ok ? "ok    " : "FAILED"} ${seconds.toFixed(1).padStart(5)} s  ${name}`;
}

function run({ command: [program, ...args] }: Step): Promise<Outcome> {
  const started = performance.now();
  const bin = join(ROOT, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` };
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
    });
    let output = "";
    const end = (ok: boolean): void => resolve({ ok, seconds: (performance.now() - started) / 1000, output });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", (error) => {
      output += `${error.message}\n`;
      end(false);
    });
    child.on("close", (code, signal) => {
      if (signal !== null) output += `ended by ${signal}, after ${TIMEOUT_MS / 1000} s at the latest\n`;
      end(code === 0);
    });
  });
}

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is no step ${unknown.join(", ")}; there are ${STEPS.map((s) => s.name).join(", ")}.`,
    );
    process.exitCode = 1;
  } else {
    const chosen = STEPS.filter((step) => wanted.length === 0 || wanted.includes(step.name));
    process.exitCode = (await runSteps(chosen, (line) => console.log(line))) ? 0 : 1;
  }
}
