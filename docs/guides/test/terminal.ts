/**
 * A terminal in which a page's blocks are typed, in a real bash, in a folder that looks like a clone beside a running
 * Mintro. The text stays as it is on the page, but for two things: programs named `curl` and `npx` stand first in PATH and
 * turn http://localhost:3000 and :4000 into the test's own addresses, and an id or link that the page leaves to the reader
 * (`pi_…`) becomes the newest of its kind that was printed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./blocks.ts";

export type Place = {
  readonly folder: string;
  /** Of the test's Mintro and of the receiver that the pages have at port 4000. */
  readonly mintro: string;
  readonly receiverPort: number;
  readonly databaseUrl: string;
  /** Files of `.mintro`. */
  readonly kept: Readonly<Record<string, string>>;
};

export type Answer = { readonly isFine: boolean; readonly output: string };

export type Desk = {
  /** Types a block in the page's own terminal and waits until it is done. */
  type(block: string): Promise<Answer>;
  /** Types it in another terminal, where it goes on until the desk is left. Gives back what it has printed so far. */
  typeBeside(block: string): () => string;
  /** The newest link to a checkout page that was printed. */
  paymentUrl(): string;
  leave(): Promise<void>;
};

const BLOCK_WITHIN_MS = 60_000;
/** Between the answer of one block and the next: a sign that no page prints. */
const END = "\u001e";

const SHIMS = {
  // 400 and above is a failure, as it would be to a reader who sees the answer.
  curl: `PATH="\${PATH#*:}" exec curl --silent --show-error --fail-with-body --write-out '\\n' "\${given[@]}"`,
  // What npx would start from node_modules/.bin, without its own start of a second.
  npx: `case "\${given[0]}" in
  mintro) exec "$NODE" "$CLONE/cli/bin/mintro.mjs" "\${given[@]:1}" ;;
  node) exec "$NODE" "\${given[@]:1}" ;;
  *) echo "npx \${given[0]} is not known here" >&2; exit 127 ;;
esac`,
};

/** Sets the folder up: `.mintro`, the clone's documents, the two programs. */
export function openDesk(place: Place): Desk {
  const { folder, kept } = place;
  mkdirSync(join(folder, "programs"), { recursive: true });
  mkdirSync(join(folder, ".mintro"));
  mkdirSync(join(folder, "home"));
  for (const [name, text] of Object.entries(kept)) writeFileSync(join(folder, ".mintro", name), `${text}\n`);
  symlinkSync(join(ROOT, "docs"), join(folder, "docs"));
  for (const [name, line] of Object.entries(SHIMS)) {
    const path = join(folder, "programs", name);
    const here = `given=("\${@//http:\\/\\/localhost:3000/$MINTRO_URL}")\ngiven=("\${given[@]//localhost:4000/localhost:$PORT}")`;
    writeFileSync(path, `#!/usr/bin/env bash\n${here}\n${line}\n`);
    chmodSync(path, 0o755);
  }
  const shells: ChildProcess[] = [];
  const seen = newestOf();
  const open = (): ChildProcess => {
    const shell = spawn("bash", ["--noprofile", "--norc"], {
      cwd: folder,
      env: environment(place),
      detached: true,
    });
    shells.push(shell);
    shell.stdin?.on("error", () => undefined);
    shell.stdin?.write(`exec 2>&1\nset -E -o pipefail\ntrap 'failed=1' ERR\n`);
    return shell;
  };
  const own = open();
  let count = 0;
  const command = (block: string): string => {
    const path = join(folder, `block-${count++}.sh`);
    writeFileSync(path, seen.fillIn(block));
    return `failed=0; source '${path}' </dev/null; printf '\\n${END}%s${END}\\n' "$failed"\n`;
  };
  return {
    async type(block) {
      const answer = answerOf(own);
      own.stdin?.write(command(block));
      const { isFine, output } = await answer;
      seen.look(output);
      return { isFine, output };
    },
    typeBeside(block) {
      const shell = open();
      let output = "";
      shell.stdout?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
      shell.stdin?.write(command(block));
      return () => output;
    },
    paymentUrl: () => seen.paymentUrl(),
    leave: async () => {
      await Promise.all(shells.map(end));
    },
  };
}

function environment({ folder, mintro, receiverPort, databaseUrl }: Place): Record<string, string> {
  return {
    PATH: `${join(folder, "programs")}:${process.env["PATH"] ?? ""}`,
    HOME: join(folder, "home"),
    NODE: process.execPath,
    CLONE: ROOT,
    MINTRO_URL: mintro,
    PORT: String(receiverPort),
    DATABASE_URL: databaseUrl,
  };
}

async function answerOf(shell: ChildProcess): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    let output = "";
    const giveUp = setTimeout(
      () => settle(() => reject(new Error(`not done in time:\n${output}`))),
      BLOCK_WITHIN_MS,
    );
    const settle = (done: () => void) => {
      clearTimeout(giveUp);
      shell.stdout?.off("data", hear);
      shell.off("close", close);
      done();
    };
    const hear = (text: string) => {
      output += text;
      const [said = "", failed] = output.split(END);
      if (failed !== undefined && output.split(END).length > 2)
        settle(() => resolve({ isFine: failed === "0", output: said.trimEnd() }));
    };
    const close = () => settle(() => reject(new Error(`the shell ended:\n${output}`)));
    shell.stdout?.setEncoding("utf8").on("data", hear);
    shell.on("close", close);
  });
}

/** Remembers the newest id of each kind and the newest link, to put them where a page leaves them to the reader. */
function newestOf() {
  const ids = new Map<string, string>();
  let link = "";
  return {
    look(output: string): void {
      for (const [id, kind = ""] of output.matchAll(/\b(pi|sub|re|we|evt|cus|test)_[\da-f-]{24,36}\b/g))
        ids.set(kind, id);
      link = [...output.matchAll(/http:\/\/localhost:\d+\/pay\/[\w-]+/g)].at(-1)?.[0] ?? link;
    },
    fillIn: (block: string): string =>
      block
        .replaceAll("http://localhost:3000/pay/…", () => link)
        .replaceAll(/\b(pi|sub|re|we|evt|cus|test)_…/g, (whole, kind: string) => ids.get(kind) ?? whole),
    paymentUrl: () => link,
  };
}

/** With all that it has started: the shell leads a group of its own. */
async function end(shell: ChildProcess): Promise<void> {
  if (shell.pid === undefined || shell.exitCode !== null) return;
  const ended = new Promise((resolve) => shell.once("close", resolve));
  process.kill(-shell.pid, "SIGKILL");
  await ended;
}
