/**
 * The README's quick start, taken from its text and done as a person would: in an empty folder, each command in a shell, those
 * that stay in a terminal of their own. Other than in the text are only the ports, since those may be taken, and where the
 * clone comes from.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePorts } from "../support/free-ports.ts";
import { eventually } from "../support/platform.ts";
import { ROOT } from "./mintro.ts";

export type QuickStart = {
  readonly commands: readonly string[];
  /** Lines of the reader's own code, empty ones aside. */
  readonly ownLines: number;
  /** What the receiver printed. */
  readonly heard: string;
  /** What `git status` says of the clone then; empty, as nothing in it was changed. */
  readonly changed: string;
  /** From the first command to the line above. */
  readonly seconds: number;
};

type Block = { readonly language: string; readonly text: string };

export function readQuickStart(): { readonly commands: string[]; readonly receiver: string } {
  const section = /^## Quick start$([\s\S]*?)^## /m.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1];
  const blocks = [...(section ?? "").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", text = ""]): Block => ({ language, text }),
  );
  const commands = blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.trim().split("\n"));
  const code = blocks.filter(({ language }) => language === "js");
  if (code.length !== 1) throw new Error("The quick start has one receiver.");
  return { commands, receiver: code[0]?.text ?? "" };
}

/** `folder` is empty, and for the caller to remove. Nothing that it starts is left when it ends. */
export async function doQuickStart(folder: string): Promise<QuickStart> {
  const { commands, receiver } = readQuickStart();
  const repository = join(folder, "repository");
  makeRepository(repository);
  const [platformPort = 0, receiverPort = 0] = await freePorts(2);
  const filledIn = (text: string) =>
    text.replaceAll("4000", String(receiverPort)).replace("REPOSITORY_URL", repository);
  const shell: Shell = {
    cwd: join(folder, "empty"),
    env: {
      PATH: withoutOurOwn(process.env["PATH"] ?? ""),
      HOME: process.env["HOME"] ?? folder,
      PORT: String(platformPort),
      ...howNpmReachesItsRegistry(),
      npm_config_prefer_offline: "true",
      npm_config_update_notifier: "false",
    },
  };
  mkdirSync(shell.cwd);
  const terminals: Terminal[] = [];
  const startedAt = performance.now();
  try {
    for (const command of commands.map(filledIn)) {
      if (command.startsWith("cd ")) shell.cwd = join(shell.cwd, command.slice(3));
      else if (command.endsWith("npm start")) await stay(terminals, shell, command, /payment_url/);
      else if (command === "node receiver.js") {
        writeFileSync(join(shell.cwd, "receiver.js"), filledIn(receiver));
        await stay(terminals, shell, command, null);
        await eventually(() => accepts(receiverPort));
      } else await done(shell, command);
    }
    const heard = await eventually(
      () => /^verified: .*$/m.exec(terminals.at(-1)?.output() ?? "")?.[0],
      30_000,
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      commands,
      ownLines: receiver.split("\n").filter((line) => line.trim() !== "").length,
      heard,
      changed: execFileSync("git", ["status", "--porcelain"], { cwd: shell.cwd }).toString(),
      seconds,
    };
  } finally {
    for (const { end } of terminals.reverse()) await end();
  }
}

type Shell = { cwd: string; readonly env: Readonly<Record<string, string>> };
type Terminal = { readonly output: () => string; readonly end: () => Promise<void> };

/** The sources as they stand, as a repository: so it is tried before it is committed, and without one's history. */
function makeRepository(folder: string): void {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
  });
  for (const path of new Set(list.toString().split("\0").filter(Boolean))) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    try {
      cpSync(join(ROOT, path), target);
    } catch (error) {
      if (!isMissing(error)) throw error; // removed, and not yet so in the index
    }
  }
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "As it stands");
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Behind a proxy or with a registry of one's own, as whoever runs the tests has it. */
function howNpmReachesItsRegistry(): Record<string, string> {
  const ways =
    /^(?:npm_config_(?:registry|cache|userconfig|(?:https?_?)?proxy|noproxy|cafile)|(?:https?|no)_proxy|node_extra_ca_certs)$/i;
  const found = Object.entries(process.env).filter(([name]) => ways.test(name));
  return Object.fromEntries(found.map(([name, value]) => [name, value ?? ""]));
}

/** As in the reader's shell: without what npm puts first for the scripts of this project. */
function withoutOurOwn(path: string): string {
  return path
    .split(":")
    .filter((folder) => !folder.includes("node_modules"))
    .join(":");
}

function run(
  { cwd, env }: Shell,
  command: string,
): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const child = spawn("sh", ["-c", `exec ${withEnv(command)}`], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { child, output: () => text, ended };
}

/** `exec` takes no assignments before a command; `env` does. */
function withEnv(command: string): string {
  return /^\w+=/.test(command) ? `env ${command}` : command;
}

async function done(shell: Shell, command: string): Promise<void> {
  const { ended, output } = run(shell, command);
  const code = await ended;
  if (code !== 0) throw new Error(`\`${command}\` ended with ${code}: ${output()}`);
}

async function stay(
  terminals: Terminal[],
  shell: Shell,
  command: string,
  ready: RegExp | null,
): Promise<void> {
  const { child, output, ended } = run(shell, command);
  let gone = false;
  void ended.then(() => (gone = true));
  const end = async () => {
    if (!gone && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    await ended;
  };
  terminals.push({ output, end });
  if (ready === null) return;
  await eventually(() => {
    if (gone) throw new Error(`\`${command}\` ended: ${output()}`);
    return ready.test(output());
  }, 60_000);
}

async function accepts(port: number): Promise<boolean> {
  try {
    await fetch(`http://localhost:${port}`, { method: "POST", body: "{}" });
    return true;
  } catch {
    return false;
  }
}
