/**
 * DATABASE_URL: what counts as one, and what may be shown of it. A password whose special characters are not encoded cuts
 * the address apart at the wrong places, so of an address that is not surely understood nothing is shown.
 */

/** Undefined where it is no address of a PostgreSQL database that the driver would understand as it was meant. */
export function parseDatabaseUrl(given: string): string | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isPostgres = url?.protocol === "postgres:" || url?.protocol === "postgresql:";
  return url && isPostgres && isWhole(url) && url.pathname.length > 1 ? given : undefined;
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
