/** `mintro secrets rotate`: a new MINTRO_SECRET_KEY, under which the stored secrets are encrypted from then on. */
import { CannotStart } from "@mintro/server/main/cannot-start";
import { DataFolderInUse } from "@mintro/server/main/data-folder";
import { type Rotated, rotateSecretKey } from "@mintro/server/main/rotate-secret-key";
import { Command } from "commander";
import { Refused } from "./refused.ts";

export function secretsCommand(): Command {
  const secrets = new Command("secrets").description("the key that stored secrets are encrypted with");
  secrets
    .command("rotate")
    .description(
      "encrypt all stored secrets with the present key, so that earlier ones may go; safe to break off and to run again",
    )
    .option("--json", 'print {"resealed", "unopened", "complete"}')
    .addHelpText("after", HELP)
    .action(async ({ json }: { json?: true }) => {
      const rotated = await rotate();
      if (json) print(JSON.stringify({ ...rotated, key: undefined }));
      else if (rotated.unopened === 0 && rotated.complete) print(success(rotated));
      refuseUnfinished(rotated);
    });
  return secrets;
}

const HELP = `
With DATABASE_URL, or where MINTRO_SECRET_KEY is given:
  1. Start every Mintro with MINTRO_SECRET_KEY=<new> and MINTRO_PREVIOUS_SECRET_KEYS=<old>
  2. Run this command with the same two, while they run
  3. Leave MINTRO_PREVIOUS_SECRET_KEYS out at the next start

With the embedded database and its own key: stop Mintro, run this command, start it. It makes the new key.
`;

async function rotate(): Promise<Rotated> {
  try {
    return await rotateSecretKey(process.env);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    throw new CannotStart(`${error.message} Its own key is changed while it is stopped.`, { cause: error });
  }
}

function success({ resealed, key }: Rotated): string {
  const what =
    resealed === 0
      ? "Every stored secret is encrypted with the present key."
      : `${resealed} stored ${resealed === 1 ? "secret is" : "secrets are"} now encrypted with the present key, and so are all others.`;
  const next =
    key === "kept"
      ? "The new key is in the data folder, the old one is gone. Make a new backup: the old key opens old backups alone."
      : "MINTRO_PREVIOUS_SECRET_KEYS may go, once every Mintro runs with the present key. Keep the old key as long as backups need it.";
  return `${what}\n${next}`;
}

function refuseUnfinished({ unopened, complete }: Rotated): void {
  if (unopened > 0)
    throw new Refused(
      `${unopened} stored ${unopened === 1 ? "secret was" : "secrets were"} encrypted with a key that is not given, and left alone: add it to MINTRO_PREVIOUS_SECRET_KEYS and run this again.`,
    );
  if (!complete)
    throw new Refused(
      "Another Mintro still encrypts with an earlier key: start every one with the present key, and run this again.",
    );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
