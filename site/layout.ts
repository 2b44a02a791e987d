/** The HTML around every page for developers: the bar on top, the list beside the text. No inline script or style. */
import { escapeHtml, ICON } from "@mintro/checkout/document";
import type { Part } from "./contents.ts";

export type Page = {
  /** Plain text. */
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** Paths of scripts, below the base. */
  readonly scripts?: readonly string[];
  /** Which entry of the bar it belongs to. */
  readonly part?: Part | null;
  /** For the `body`'s class. */
  readonly kind: "landing" | "article" | "reference";
};

const BAR: readonly { readonly part: Part; readonly address: string; readonly text: string }[] = [
  { part: "guides", address: "/docs/guides/first-payment", text: "Guides" },
  { part: "reference", address: "/docs", text: "API reference" },
  { part: "operate", address: "/docs/operate/running", text: "Operating" },
];

/** A whole document. `base` is the path of the public address, "" or such as "/mintro". */
export function htmlPage(base: string, { title, body, scripts = [], part, kind }: Page): string {
  const tags = scripts.map((path) => `\n<script src="${escapeHtml(base + path)}" defer></script>`).join("");
  const entries = BAR.map(
    (entry) =>
      `<a href="${base}${entry.address}"${entry.part === part ? ' aria-current="true"' : ""}>${entry.text}</a>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title === "Mintro" ? title : `${title} · Mintro`)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${base}/docs/assets/site.css">${tags}
</head>
<body class="${kind}">
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="${base}/"><img src="${ICON}" alt="" width="26" height="26">Mintro</a>
<nav aria-label="Documentation">${entries.join("")}</nav>
</header>
${body}
</body>
</html>
`;
}
