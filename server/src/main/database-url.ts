/**
 * DATABASE_URL: what counts as one, and what may be shown of it. A password whose special characters are not encoded cuts
 * the address apart at the wrong places, so of an address that is not surely understood nothing is shown.
 *
 * What its sslmode means is what it means to libpq, whose tools read the same address. The driver's own reading differs,
 * and it warns of that in many lines, unless it is told `uselibpqcompat`.
 */
import { CannotStart } from "./cannot-start.ts";

/** Undefined where it is no address of a PostgreSQL database that the driver would understand as it was meant. */
export function parseDatabaseUrl(given: string): string | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isPostgres = url?.protocol === "postgres:" || url?.protocol === "postgresql:";
  return url && isPostgres && isWhole(url) && url.pathname.length > 1 ? withSslMode(given, url) : undefined;
}

/** `prefer` and `allow` are not among them: whoever stands on the way could have the password sent in the clear. */
const SSL_MODES = ["disable", "require", "verify-ca", "verify-full"];

/** Throws `CannotStart` for what the driver would misunderstand. */
function withSslMode(given: string, { searchParams }: URL): string {
  const refuse = (name: string, text: string) => {
    const value = JSON.stringify(searchParams.getAll(name).join(",").slice(0, 40));
    throw new CannotStart(`DATABASE_URL is "${withoutSecrets(given)}" with ${name}=${value}: ${text}.`);
  };
  if (searchParams.has("ssl")) refuse("ssl", "leave it out, and say with sslmode what is meant");
  if (!searchParams.has("sslmode")) return given;
  const [mode = "", ...more] = searchParams.getAll("sslmode");
  if (more.length > 0 || !SSL_MODES.includes(mode)) {
    const allowed = "disable, require (encrypted, whoever answers), verify-ca or verify-full";
    refuse("sslmode", `it must be ${allowed}; for production take verify-full`);
  }
  if (mode === "verify-ca" && !searchParams.get("sslrootcert"))
    refuse("sslmode", "it needs the authority's certificate, as sslrootcert=<file>; or take verify-full");
  return `${given}&uselibpqcompat=true`;
}

/** Who, where and which, without password and options; of what is not understood, only its length. */
export function withoutSecrets(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !isWhole(url)) return `… (${given.length} characters)`;
  return `${url.protocol}//${url.username === "" ? "" : `${url.username}@`}${url.host}${url.pathname}`;
}

/** Host and database as the last part of the address; a rest of a password would stand there with its `@`, `/` or `#`. */
function isWhole(url: URL): boolean {
  return (
    url.hash === "" &&
    /^\/?[^/@]*$/.test(url.pathname) &&
    !url.search.includes("@") &&
    [url.username, url.password, url.pathname, url.search].every(isDecodable)
  );
}

/** The driver decodes each part; a bare % would be its exception, with the part in it. */
function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
