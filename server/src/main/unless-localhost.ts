/** Whether the address that `npm start` prints by default, localhost, reaches what listens on HOST. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

const ALL = ["0.0.0.0", "::"];

/** Null where localhost reaches it, else the address that does. `host` as Mintro listens on it. */
export async function unlessLocalhost(host: string, port: number): Promise<string | null> {
  if (ALL.includes(host)) return null;
  const [bound, local] = await Promise.all([addressesOf(host), addressesOf("localhost")]);
  if (bound.some((address) => local.includes(address))) return null;
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

async function addressesOf(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
