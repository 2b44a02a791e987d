/** The order in which the articles stand beside the text: from the first hour to the day after going live. */

export type Part = "guides" | "reference" | "operate";

export type Section = {
  readonly title: string;
  /** The entry of the bar that its pages belong to; null for none. */
  readonly part: Part | null;
  readonly addresses: readonly string[];
};

export const CONTENTS: readonly Section[] = [
  {
    title: "Start",
    part: "guides",
    addresses: [
      "/docs/guides/first-payment",
      "/docs/guides/iframe-integration",
      "/docs/guides/subscriptions",
    ],
  },
  {
    title: "Build",
    part: "guides",
    addresses: [
      "/docs/guides/webhooks",
      "/docs/guides/refunds",
      "/docs/guides/idempotency",
      "/docs/guides/errors",
      "/docs/guides/testing",
      "/docs/guides/moving-from-stripe-checkout",
      "/docs/guides/going-live",
    ],
  },
  {
    title: "Tools",
    part: "guides",
    addresses: ["/docs/guides/sdk", "/docs/guides/cli", "/docs/guides/examples", "/docs/api"],
  },
  {
    title: "Operate",
    part: "operate",
    addresses: [
      "/docs/operate/running",
      "/docs/operate/configuration",
      "/docs/operate/threat-model",
      "/docs/operate/invariants",
      "/docs/operate/dependencies",
    ],
  },
  {
    title: "About",
    part: null,
    addresses: [
      "/docs/about/readme",
      "/docs/about/architecture",
      "/docs/about/glossary",
      "/docs/about/style",
      "/docs/about/contributing",
      "/docs/about/security",
      "/docs/about/changelog",
      "/docs/about/license",
      "/docs/decisions",
    ],
  },
];

/** Examples and the SDK are not listed one by one, and neither are the decisions, which are part of "About". */
export function partOf(address: string): Part | null {
  const section = CONTENTS.find(({ addresses }) => addresses.includes(address));
  if (section) return section.part;
  return /^\/docs\/(?:examples|sdk)(?:\/|$)/.test(address) ? "guides" : null;
}
