/**
 * `mintro`: what operators and merchants do at a terminal. Answers go to standard output, whatever went wrong to standard
 * error. `clients`, `audit` and `secrets` work on the database; all else talks to a Mintro over HTTP, wherever it runs.
 */
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { Refused, Unreachable } from "./refused.ts";

/** In the order of the help. Each is loaded when it is meant, so that none waits for what the others need. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  listen: async () => (await import("./listen.ts")).listenCommand(),
  trigger: async () => (await import("./trigger.ts")).triggerCommand(),
  events: async () => (await import("./events.ts")).eventsCommand(),
  intents: async () => (await import("./intents.ts")).intentsCommand(),
  clock: async () => (await import("./clock.ts")).clockCommand(),
  doctor: async () => (await import("./doctor.ts")).doctorCommand(),
  clients: async () => (await import("./clients.ts")).clientCommands(),
  audit: async () => (await import("./audit.ts")).auditCommand(),
  secrets: async () => (await import("./secrets.ts")).secretsCommand(),
};

const MORE_HELP = `
Environment, for what talks to a Mintro over HTTP:
  MINTRO_URL             where it is (default: the one that was started in this folder, else
                         http://localhost:3000)
  MINTRO_CLIENT_ID       the client to be, and its secret. Beside a Mintro on this machine both
  MINTRO_CLIENT_SECRET   are found in its data folder, if you may read it
  MINTRO_WEBHOOK_SECRET  what listen signs with, and doctor (default: one that is made and kept)
  NO_COLOR               set it for no colours

Environment, for clients, audit and secrets, which work on the database:
  DATABASE_URL           the PostgreSQL to use; without it the embedded one, which need not be running
  MINTRO_DATA_DIR        where the embedded one lives (default: .mintro in the current folder)

Exit codes:
  0  done
  1  the command was refused: an unknown command, option, permission, client or object; or the audit or
     the doctor found something wrong
  2  the database cannot be used, or Mintro does not answer
`;
const REFUSED = 1;
const BROKEN = 2;

/** Takes the whole of `process.argv`, does what it says and sets the process's exit code; never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("mintro")
    .description("Mintro's command line.")
    .version(packageJson.version, "-v, --version")
    .helpCommand("help [command]", "show a command's help")
    .addHelpText("after", MORE_HELP);
  for (const load of commandsMeant(argv[2])) program.addCommand(await load());
  for (const command of [program, ...descendants(program)]) {
    command.exitOverride().showHelpAfterError("(--help tells more)");
  }
  // Whoever read the output (`| head`) has gone: there is nothing more to do.
  process.stdout.on("error", () => process.exit(0));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : REFUSED; // it has said why
    } else {
      const isForPeople = error instanceof Refused || error instanceof Unreachable;
      process.stderr.write(`${isForPeople ? error.message : await explained(error)}\n`);
      process.exitCode = error instanceof Refused ? REFUSED : BROKEN;
    }
  }
}

/** All of them for the help, and for a name that is none, so that the refusal can tell what there is. */
function commandsMeant(name = ""): (() => Promise<Command>)[] {
  const meant = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return meant ? [meant] : Object.values(COMMANDS);
}

async function explained(error: unknown): Promise<string> {
  const { explain } = await import("@mintro/server/main/refusals");
  return explain(error);
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((inner) => [inner, ...descendants(inner)]);
}
