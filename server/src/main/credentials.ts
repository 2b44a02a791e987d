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
import { keepFile, readKept, writeKept } from "./kept-files.ts";

export type Credentials = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** No variable names the client: it is the one that the data folder keeps. */
  readonly isKept: boolean;
  /** Made by this start, so shown by it. */
  readonly secretIsNew: boolean;
  readonly secretKey: Buffer;
  /** Those given, and while the kept key is being changed, the one before. */
  readonly previousSecretKeys: readonly Buffer[];
};

type Given = Pick<Config, "clientId" | "clientSecret" | "secretKey" | "previousSecretKeys">;

const ID = "client-id";
const SECRET = "client-secret";
const WEBHOOK_SECRET = "webhook-secret";
const KEY = "secret-key";

/** Throws `CannotStart` where a file cannot be read or written. */
export async function keepCredentials(given: Given, dataDir: string, world: World): Promise<Credentials> {
  const pair =
    given.clientId === null
      ? await keptPair(given, dataDir, world)
      : await namedPair(given.clientId, given, dataDir, world);
  const [secretKey, ...kept] = given.secretKey
    ? ([given.secretKey] as const)
    : await keepKeys(dataDir, world);
  return { ...pair, secretKey, previousSecretKeys: [...kept, ...given.previousSecretKeys] };
}

type Pair = Pick<Credentials, "clientId" | "clientSecret" | "isKept" | "secretIsNew">;

async function keptPair(given: Given, dataDir: string, world: World): Promise<Pair> {
  const { text: clientId } = await keepFile(dataDir, ID, () => newClientId(world, "test"));
  const secret = given.clientSecret
    ? { text: given.clientSecret, made: false }
    : await keepFile(dataDir, SECRET, () => newClientSecret(world));
  return { clientId, clientSecret: secret.text, isKept: true, secretIsNew: secret.made };
}

/** A kept secret is that of the id kept beside it, and of no other. */
async function namedPair(clientId: string, given: Given, dataDir: string, world: World): Promise<Pair> {
  const known = given.clientSecret ?? (await keptSecretOf(dataDir, clientId));
  const clientSecret = known ?? newClientSecret(world);
  return { clientId, clientSecret, isKept: false, secretIsNew: known === null };
}

async function keptSecretOf(dataDir: string, clientId: string): Promise<string | null> {
  const keptId = await readKept(dataDir, ID);
  return keptId === null || keptId === clientId ? await readKept(dataDir, SECRET) : null;
}

/**
 * Another pair in place of the kept one, whose client was revoked. A secret that is given is the new one's. Throws
 * `CannotStart` where the folder cannot be written.
 */
export async function replaceKeptPair(
  given: Given,
  dataDir: string,
  world: World,
  revoked: Credentials,
): Promise<Credentials> {
  // Cut short after the new id, the next start must not give it the old secret.
  await forgetSecret(dataDir);
  await writeKept(dataDir, ID, newClientId(world, "test"));
  return { ...revoked, ...(await keptPair(given, dataDir, world)) };
}

/**
 * Keeps both halves of the pair in force beside each other, for its owner and for programs on this machine. To be called
 * once the database has taken the client. Gives back where the secret is; null where it was given and the folder cannot be written.
 */
export async function keepPair(dataDir: string, pair: Pair): Promise<string | null> {
  const keep = pair.secretIsNew ? keepNew : copyOfGiven;
  if ((await readKept(dataDir, ID).catch(() => null)) !== pair.clientId) await forgetSecret(dataDir);
  await keep(dataDir, ID, pair.clientId);
  return await keep(dataDir, SECRET, pair.clientSecret);
}

/** A start that failed has shown its new secret to nobody: the next one makes another, and shows that. */
export async function forgetNewSecret(dataDir: string, { isKept, secretIsNew }: Credentials): Promise<void> {
  if (isKept && secretIsNew) await forgetSecret(dataDir);
}

async function forgetSecret(dataDir: string): Promise<void> {
  await rm(join(dataDir, SECRET), { force: true }).catch(() => undefined);
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

/** Where this Mintro is found, for the command line that is started beside it. */
export async function keepUrl(dataDir: string, publicUrl: string): Promise<void> {
  await copyOfGiven(dataDir, "url", publicUrl);
}

async function keepNew(dataDir: string, name: string, text: string): Promise<string> {
  if ((await readKept(dataDir, name)) !== text) await writeKept(dataDir, name, text);
  return join(dataDir, name);
}

/** For convenience, so that a folder that cannot be written keeps nobody from starting. */
async function copyOfGiven(dataDir: string, name: string, text: string): Promise<string | null> {
  try {
    return await keepNew(dataDir, name, text);
  } catch {
    return null;
  }
}

/** The present key, and while it is being changed, the one before. */
export type KeptKeys = readonly [Buffer, ...Buffer[]];

async function keepKeys(dataDir: string, world: World): Promise<KeptKeys> {
  const { text } = await keepFile(dataDir, KEY, () => newKey(world).toString("base64"));
  return parseKeys(dataDir, text);
}

/** Null where there are none. */
export async function readKeptKeys(dataDir: string): Promise<KeptKeys | null> {
  const text = await readKept(dataDir, KEY);
  return text === null ? null : parseKeys(dataDir, text);
}

/** Makes a new key and keeps it before those that it is to replace. */
export async function keepNewKey(dataDir: string, world: World, before: KeptKeys): Promise<KeptKeys> {
  const keys: KeptKeys = [newKey(world), ...before];
  await writeKept(dataDir, KEY, keys.map((key) => key.toString("base64")).join("\n"));
  return keys;
}

/** Nothing is sealed with the others any more. */
export async function forgetKeptKeys(dataDir: string, present: Buffer): Promise<void> {
  await writeKept(dataDir, KEY, present.toString("base64"));
}

const KEY_BYTES = 32;
const newKey = (world: World) => world.random(KEY_BYTES);

/** One a line, the present one first. */
function parseKeys(dataDir: string, text: string): KeptKeys {
  const [first, ...others] = text.split("\n").map((line) => Buffer.from(line, "base64"));
  if (first && [first, ...others].every((key) => key.length === KEY_BYTES)) return [first, ...others];
  throw new CannotStart(
    `The file ${join(dataDir, KEY)} is damaged, it must hold 32 bytes in base64: restore it from the backup of this folder, or give the key as MINTRO_SECRET_KEY.`,
  );
}
