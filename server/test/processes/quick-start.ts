/**
 * The README's quick start, taken from its text and done as a person would, from top to bottom: in an empty folder, each
 * command in a shell, those that stay in a terminal of their own, the links opened and paid. Other than in the text are only
 * the ports, since those may be taken, and where the clone comes from. What stands in the pages is not looked at: a payment
 * is sent as the checkout page sends it.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePorts } from "../support/free-ports.ts";
import { eventually, pay } from "../support/platform.ts";
import { ROOT } from "./mintro.ts";

export type QuickStart = {
  /** All that is typed, in its order, but for the pasted curl. */
  readonly commands: readonly string[];
  /** Lines of the reader's own code, empty ones aside. */
  readonly ownLines: number;
  /** What the first start printed, and the lines that the README shows of it. */
  readonly welcome: string;
  readonly shownOfIt: readonly string[];
  /** The event of the demo payment, as the command line showed it. */
  readonly seen: string;
  /** What the pasted curl answered. */
  readonly answer: string;
  /** What the receiver printed. */
  readonly heard: string;
  /** What `git status` says of the clone then; empty, as nothing in it was changed. */
  readonly changed: string;
  /** From the first command to the receiver's line. */
  readonly seconds: number;
};

type Block = { readonly language: string; readonly text: string };
/** A heading of the quick start with what stands below it. */
type Step = { readonly prose: string; readonly blocks: readonly Block[] };

const FENCED = /^```(\w*)\n([\s\S]*?)^```$/gm;

function readQuickStart(): readonly Step[] {
  const section = /^## Quick start$([\s\S]*?)^## /m.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1];
  return (section ?? "").split(/^### /m).map((text) => ({
    prose: text.replaceAll(FENCED, "").replaceAll(/\s+/g, " "),
    blocks: [...text.matchAll(FENCED)].map(([, language = "", inside = ""]) => ({ language, text: inside })),
  }));
}

/** `folder` is empty, and for the caller to remove. Nothing that it starts is left when it ends. */
export async function doQuickStart(folder: string): Promise<QuickStart> {
  const steps = readQuickStart();
  const reader = await createReader(folder);
  const startedAt = performance.now();
  try {
    for (const { prose, blocks } of steps) {
      for (const block of blocks) {
        if (block.language === "js") reader.write("receiver.js", block.text);
        if (block.language !== "sh") continue;
        for (const command of block.text.trim().split("\n")) await reader.type(command);
      }
      if (prose.includes("paste it into the second terminal")) await reader.pasteAndPay();
      if (prose.includes("Open the link of the demo payment")) await reader.payDemo();
    }
    const heard = await reader.heard();
    const seconds = (performance.now() - startedAt) / 1_000;
    const blocks = steps.flatMap((step) => step.blocks);
    const linesOf = (language: string) =>
      blocks.filter((block) => block.language === language).flatMap(({ text }) => text.trim().split("\n"));
    return {
      ...reader.noted(),
      commands: linesOf("sh"),
      ownLines: linesOf("js").filter((line) => line.trim() !== "").length,
      shownOfIt: linesOf("").filter((line) => /Mintro is ready|^ {2}\w[\w ]+ {2,}\S/.test(line)),
      heard,
      seconds,
    };
  } finally {
    await reader.leave();
  }
}

type Noted = Pick<QuickStart, "welcome" | "seen" | "answer" | "changed">;

/** Types and clicks; `folder` holds the repository, and the empty folder in which it begins. */
async function createReader(folder: string) {
  const repository = join(folder, "repository");
  makeRepository(repository);
  const [platformPort = 0, receiverPort = 0] = await freePorts(2);
  const filledIn = (text: string) =>
    text.replaceAll("4000", String(receiverPort)).replace("REPOSITORY_URL", repository);
  const shell: Shell = { cwd: join(folder, "empty"), env: environment(folder, platformPort) };
  mkdirSync(shell.cwd);
  /** By what runs in them. */
  const terminals = new Map<"mintro" | "receiver", Terminal>();
  const noted = { welcome: "", seen: "", answer: "" };

  const startMintro = async (command: string) => {
    await terminals.get("mintro")?.end(); // Ctrl-C, where it runs already
    const terminal = await stay(shell, command, /"Mintro is ready"/);
    terminals.set("mintro", terminal);
    noted.welcome ||= terminal.output();
  };
  const startReceiver = async (command: string) => {
    terminals.set("receiver", await stay(shell, command, null));
    await eventually(() => accepts(receiverPort));
  };
  const lookAtEvents = async (command: string) => {
    const terminal = await stay(shell, command, /payment\.succeeded +evt_\S+\n.*\n/);
    noted.seen = terminal.output();
    await terminal.end();
  };
  return {
    write: (name: string, text: string) => writeFileSync(join(shell.cwd, name), filledIn(text)),
    async type(text: string): Promise<void> {
      const command = filledIn(text);
      if (command.startsWith("cd ")) shell.cwd = join(shell.cwd, command.slice(3));
      else if (command.endsWith("npm start")) await startMintro(command);
      else if (command.startsWith("npx mintro events")) await lookAtEvents(command);
      else if (command === "node receiver.js") await startReceiver(command);
      else await done(shell, command);
    },
    async payDemo(): Promise<void> {
      const demo = /http\S+\/pay\/demo/.exec(noted.welcome)?.[0] ?? "";
      await pay((await fetch(demo)).url);
    },
    async pasteAndPay(): Promise<void> {
      const curl = /^ {2}curl [\s\S]*?^ +\}'$/m.exec(noted.welcome)?.[0].trim() ?? "";
      noted.answer = await done(shell, curl);
      await pay(JSON.parse(/\{.*\}/.exec(noted.answer)?.[0] ?? "{}").data.payment_url);
    },
    heard: async () =>
      await eventually(() => /^verified: .*$/m.exec(terminals.get("receiver")?.output() ?? "")?.[0], 30_000),
    noted: (): Noted => ({
      ...noted,
      changed: execFileSync("git", ["status", "--porcelain"], { cwd: shell.cwd }).toString(),
    }),
    async leave(): Promise<void> {
      for (const { end } of [...terminals.values()].reverse()) await end();
    },
  };
}

function environment(folder: string, port: number): Record<string, string> {
  return {
    PATH: withoutOurOwn(process.env["PATH"] ?? ""),
    HOME: process.env["HOME"] ?? folder,
    PORT: String(port),
    ...howNpmReachesItsRegistry(),
    npm_config_prefer_offline: "true",
    npm_config_update_notifier: "false",
  };
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

/** Gives back what it printed. */
async function done(shell: Shell, command: string): Promise<string> {
  const { ended, output } = run(shell, command);
  const code = await ended;
  if (code !== 0) throw new Error(`\`${command}\` ended with ${code}: ${output()}`);
  return output();
}

/** Starts what goes on in a terminal of its own, and waits until it has printed `ready`. */
async function stay(shell: Shell, command: string, ready: RegExp | null): Promise<Terminal> {
  const { child, output, ended } = run(shell, command);
  let gone = false;
  void ended.then(() => (gone = true));
  const end = async () => {
    if (!gone && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    await ended;
  };
  if (ready === null) return { output, end };
  try {
    await eventually(() => {
      if (gone) throw new Error(`\`${command}\` ended: ${output()}`);
      return ready.test(output());
    }, 60_000);
  } catch (error) {
    await end();
    throw error;
  }
  return { output, end };
}

async function accepts(port: number): Promise<boolean> {
  try {
    await fetch(`http://localhost:${port}`, { method: "POST", body: "{}" });
    return true;
  } catch {
    return false;
  }
}
