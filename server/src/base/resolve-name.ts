/**
 * Names to addresses, in two ways: as strangers' names must be looked up, and as the operator's own may be. Whether an
 * address may be called is judged elsewhere (address-guard.ts).
 */
import { promises as dns, type LookupAddress } from "node:dns";
import { WEBHOOK_SENDING } from "./limits.ts";

/** Looks a name up: all its addresses, in the order they shall be tried. Rejects where there are none. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Resolves by DNS alone, for names that strangers chose. Not `dns.lookup`: that blocks one of four threads which
 * files and cryptography need too, so that a few names whose servers never answer would stall the whole process.
 * IPv4 comes first, since a host without IPv6 would lose time on the other. `servers`: `address:port`, for tests.
 */
export function resolveInDns(servers?: readonly string[]): ResolveName {
  return async (hostname) => {
    // One resolver a lookup: it can be cancelled alone, and follows a changed /etc/resolv.conf.
    const resolver = new dns.Resolver({ timeout: WEBHOOK_SENDING.resolveQuestionMs, tries: 2 });
    if (servers) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), WEBHOOK_SENDING.resolveMs);
    try {
      const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
      const found = [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
      if (found.length === 0 && v4.status === "rejected") throw v4.reason;
      return found;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Resolves as this machine does, its hosts file included: for receivers on the operator's own network. */
export const resolveAsSystem: ResolveName = (hostname) =>
  dns.lookup(hostname, { all: true, order: "ipv4first" });

function addressesOf(answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === "fulfilled" ? answer.value.map((address) => ({ address, family })) : [];
}
