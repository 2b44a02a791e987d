/**
 * The secret that `mintro listen` signs with. One of MINTRO_WEBHOOK_SECRET, else one that is made at the first use and kept for
 * this user, so that the receiver's configuration stays right from run to run and for every Mintro.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  newWebhookSecret,
  parseWebhookSecret,
  type WebhookSecret,
} from "@mintro/server/domain/webhook-signature";
import { keepFile } from "@mintro/server/main/kept-files";
import { Refused } from "./refused.ts";

export type SigningSecret = {
  readonly secret: WebhookSecret;
  /** In words: where it comes from. */
  readonly source: string;
};

const FILE = "listen-secret";

/** The given one, else the kept one, which is made where there is none. Throws `Refused` for one that is no secret. */
export async function listenSecret(): Promise<SigningSecret> {
  return secretOfEnvironment() ?? (await keptSecret());
}

/** Null where MINTRO_WEBHOOK_SECRET is not set. Throws `Refused` for one that is no secret. */
export function secretOfEnvironment(): SigningSecret | null {
  const name = "MINTRO_WEBHOOK_SECRET";
  const text = process.env[name]?.trim();
  return text ? checked(text, name) : null;
}

/** `source`: what to name in the refusal of a text that is no secret; the text itself is never repeated. */
export function checked(text: string, source: string): SigningSecret {
  const parsed = parseWebhookSecret(text);
  if (!parsed.ok) throw new Refused(`${source}: ${parsed.failure.sentence}`);
  return { secret: parsed.value, source };
}

/** None where `listen` never ran here. */
export async function keptListenSecret(): Promise<SigningSecret[]> {
  const file = join(configFolder(), FILE);
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim() === "" ? [] : [checked(text.trim(), shown(file))];
}

async function keptSecret(): Promise<SigningSecret> {
  const folder = configFolder();
  const { text } = await keepFile(folder, FILE, () => newWebhookSecret(randomBytes));
  return checked(text, shown(join(folder, FILE)));
}

/** After the XDG Base Directory Specification. */
function configFolder(): string {
  const base = process.env["XDG_CONFIG_HOME"]?.trim() || join(homedir(), ".config");
  return join(base, "mintro");
}

function shown(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
