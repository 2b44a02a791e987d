/**
 * Content Security Policy Level 3, as far as it decides about frames and scripts: which policies a page has, and whether a list of
 * sources lets an address through (sections 6.7.2.5 to 6.7.2.8). doctor-page.test.ts compares it with Chromium.
 */

/** Directives by name, each with its sources. */
export type Policy = ReadonlyMap<string, readonly string[]>;

/** `text`: the value of the header, where several policies stand between commas, or of a meta element. */
export function readPolicies(text: string): Policy[] {
  return text
    .split(",")
    .map((policy) => {
      const directives = new Map<string, readonly string[]>();
      for (const part of policy.split(";")) {
        const [name = "", ...sources] = part.trim().split(/\s+/);
        // Of a directive that is given twice, the first counts.
        if (name !== "" && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources);
      }
      return directives;
    })
    .filter((policy) => policy.size > 0);
}

export type Directive = { readonly name: string; readonly sources: readonly string[] };

/** The directive that decides about the frames in a page, and its sources; null where none does. */
export function frameDirective(policy: Policy): Directive | null {
  return firstOf(policy, ["frame-src", "child-src", "default-src"]);
}

/** The same about the script elements in a page. */
export function scriptDirective(policy: Policy): Directive | null {
  return firstOf(policy, ["script-src-elem", "script-src", "default-src"]);
}

/** Whether a script element may be let through by what it says of itself, whatever its address (section 6.7.1.1). */
export function trustsElements(sources: readonly string[]): boolean {
  return sources.some((source) => /^'(?:nonce-|sha\d{3}-|strict-dynamic')/i.test(source));
}

function firstOf(policy: Policy, names: readonly string[]): Directive | null {
  for (const name of names) {
    const sources = policy.get(name);
    if (sources) return { name, sources };
  }
  return null;
}

/** `self`: the origin of the page that the policy belongs to. */
export function allows(sources: readonly string[], address: URL, self: URL): boolean {
  return sources.some((source) => matches(source, address, self));
}

function matches(source: string, address: URL, self: URL): boolean {
  const text = source.toLowerCase();
  if (text === "'self'") return isSelf(address, self);
  if (text.startsWith("'")) return false; // 'none', and keywords that are about scripts
  if (text === "*") return /^(?:https?|wss?):$/.test(address.protocol) || address.protocol === self.protocol;
  const scheme = /^([a-z][a-z0-9+.-]*):$/.exec(text)?.[1];
  if (scheme !== undefined) return schemeFits(`${scheme}:`, address.protocol);
  return hostFits(source, address, self);
}

/** The same origin, or the same host by the safer scheme at its usual port. */
function isSelf(address: URL, self: URL): boolean {
  if (address.origin === self.origin) return true;
  if (address.hostname !== self.hostname) return false;
  const isUsual = (url: URL) => url.port === "";
  return self.protocol === "http:" && address.protocol === "https:" && isUsual(address) && isUsual(self);
}

function schemeFits(wanted: string, found: string): boolean {
  return wanted === found || (wanted === "http:" && found === "https:");
}

const HOST_SOURCE = /^(?:([a-z][a-z0-9+.-]*):\/\/)?((?:\*\.)?[^:/*]+|\*)(?::(\d+|\*))?(\/.*)?$/i;

function hostFits(source: string, address: URL, self: URL): boolean {
  const [, scheme, host = "", port, path] = HOST_SOURCE.exec(source) ?? [];
  if (host === "") return false;
  if (!schemeFits(scheme === undefined ? self.protocol : `${scheme.toLowerCase()}:`, address.protocol))
    return false;
  const name = host.toLowerCase();
  const fits =
    name === "*" ||
    name === address.hostname ||
    (name.startsWith("*.") && address.hostname.endsWith(name.slice(1)));
  return fits && portFits(port, address) && pathFits(path, address);
}

const USUAL: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

function portFits(wanted: string | undefined, address: URL): boolean {
  if (wanted === "*") return true;
  const found = address.port || USUAL[address.protocol];
  if (wanted === undefined) return address.port === "";
  return wanted === found || (wanted === "80" && found === "443");
}

function pathFits(wanted: string | undefined, address: URL): boolean {
  if (wanted === undefined || wanted === "/") return true;
  return wanted.endsWith("/") ? address.pathname.startsWith(wanted) : address.pathname === wanted;
}
