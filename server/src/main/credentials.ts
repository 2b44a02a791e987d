/**
 * The first client's pair and the secret key: those that the environment gives, else those kept in the data folder, else
 * new ones, kept from then on.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { World } from "../base/world.ts";
import { newClientId, newClientSecret } from "../flows/clients/create.ts";
import { CannotStart } from "./cannot-start.ts";
import type { Config } from "./config.ts";
import { keepFile, writeKept } from "./kept-files.ts";

export type Credentials = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Made by this start, so shown by it. */
  readonly secretIsNew: boolean;
  /** Where its owner finds the secret; null where it was given and the folder cannot be written. */
  readonly secretFile: string | null;
  readonly secretKey: Buffer;
};

type Given = Pick<Config, "clientId" | "clientSecret" | "secretKey">;

const SECRET = "client-secret";
const WEBHOOK_SECRET = "webhook-secret";
const KEY = "secret-key";

/** Throws `CannotStart` where a file cannot be read or written. */
export async function keepCredentials(given: Given, dataDir: string, world: World): Promise<Credentials> {
  const clientId =
    given.clientId ?? (await keepFile(dataDir, "client-id", () => newClientId(world, "test"))).text;
  const secret = given.clientSecret
    ? { text: given.clientSecret, made: false, file: await copyOfGiven(dataDir, SECRET, given.clientSecret) }
    : { ...(await keepFile(dataDir, SECRET, () => newClientSecret(world))), file: join(dataDir, SECRET) };
  return {
    clientId,
    clientSecret: secret.text,
    secretIsNew: secret.made,
    secretFile: secret.file,
    secretKey: given.secretKey ?? (await keepKey(dataDir, world)),
  };
}

/** A start that failed has shown its new secret to nobody: the next one makes another, and shows that. */
export async function forgetNewSecret(dataDir: string, { secretIsNew }: Credentials): Promise<void> {
  if (secretIsNew) await rm(join(dataDir, SECRET), { force: true });
}

/** Where the owner finds the signing secret of the environment's endpoint; null where there is none, or it was given. */
export async function keepWebhookSecret(
  given: Pick<Config, "webhookSecret">,
  dataDir: string,
  secret: string | null,
): Promise<string | null> {
  if (secret === null) return null;
  if (given.webhookSecret !== null) return await copyOfGiven(dataDir, WEBHOOK_SECRET, secret);
  await writeKept(dataDir, WEBHOOK_SECRET, secret);
  return join(dataDir, WEBHOOK_SECRET);
}

/** For convenience, so that a folder that cannot be written keeps nobody from starting. */
async function copyOfGiven(dataDir: string, name: string, text: string): Promise<string | null> {
  try {
    await writeKept(dataDir, name, text);
    return join(dataDir, name);
  } catch {
    return null;
  }
}

async function keepKey(dataDir: string, world: World): Promise<Buffer> {
  const kept = await keepFile(dataDir, KEY, () => world.random(32).toString("base64"));
  const key = Buffer.from(kept.text, "base64");
  if (key.length === 32) return key;
  throw new CannotStart(
    `The file ${join(dataDir, KEY)} is damaged, it must hold 32 bytes in base64: restore it from the backup of this folder, or give the key as MINTRO_SECRET_KEY.`,
  );
}
