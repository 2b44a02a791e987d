/** What may be shown of a value that is wrong: a line on the screen is often pasted where others read it. */

export const shortened = (given: string) => (given.length > 200 ? `${given.slice(0, 200)}…` : given);

export const hidden = (given: string) => `… (${given.length} characters)`;

/**
 * Of an address that is wrong, where it leads to: user and query are often secrets, and "…" stands for them. Of one with an @
 * at another place, which may end a password, only its length.
 */
export function withoutSecretParts(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || url.host === "") return /[@?#]/.test(given) ? hidden(given) : shortened(given);
  if (/@/.test(url.pathname + url.search + url.hash)) return hidden(given);
  const user = url.username !== "" || url.password !== "" ? "…@" : "";
  const rest = `${url.search === "" ? "" : "?…"}${url.hash === "" ? "" : "#…"}`;
  const path = url.pathname === "/" && !rest ? "" : url.pathname;
  return shortened(`${url.protocol}//${user}${url.host}${path}${rest}`);
}
