/** The order in which the articles stand beside the text: from the first hour to the day after going live. */

export type Section = {
  readonly title: string;
  readonly part: "guides" | "reference" | "operate";
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
    part: "operate",
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

export function partOf(address: string): Section["part"] {
  return CONTENTS.find(({ addresses }) => addresses.includes(address))?.part ?? "operate";
}
