/** `mintro`: what an operator does at a terminal. Answers go to standard output, whatever went wrong to standard error. */
import { explain } from "@mintro/server/main/refusals";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { auditCommand } from "./audit.ts";
import { clientCommands, Refused } from "./clients.ts";

const EXIT_CODES = `
Environment:
  DATABASE_URL     the PostgreSQL to use; without it the embedded one, which need not be running
  MINTRO_DATA_DIR  where the embedded one lives (default: .mintro in the current folder)

Exit codes:
  0  done
  1  the command was refused: an unknown command, option, permission or client; or the audit found something wrong
  2  the database cannot be used
`;
const REFUSED = 1;
const BROKEN = 2;

/** Takes the whole of `process.argv`, does what it says and sets the process's exit code; never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("mintro")
    .description("Mintro's command line.")
    .version(packageJson.version, "-v, --version")
    .helpCommand("help [command]", "show a command's help")
    .addHelpText("after", EXIT_CODES)
    .addCommand(clientCommands())
    .addCommand(auditCommand());
  for (const command of [program, ...descendants(program)]) {
    command.exitOverride().showHelpAfterError("(--help tells more)");
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : REFUSED; // it has said why
    } else {
      process.stderr.write(`${error instanceof Refused ? error.message : explain(error)}\n`);
      process.exitCode = error instanceof Refused ? REFUSED : BROKEN;
    }
  }
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((inner) => [inner, ...descendants(inner)]);
}
