/** The HTML around every page of the checkout. No inline script or style stands in it, so that the policy allows none. */
import type { CheckoutAssets } from "./assets.ts";
import { directionOf, type Locale } from "./src/locale.ts";

interface DocumentParts {
  readonly locale: Locale;
  /** Plain text. */
  readonly title: string;
  readonly assets: CheckoutAssets;
  /** Whether the page has a script. */
  readonly script: boolean;
  /** HTML for the end of the head. */
  readonly head?: string;
  /** HTML. */
  readonly body: string;
}

/** A card on mint, drawn here because a request for it would be a second round trip. */
export const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0a6b4f"/>' +
    '<rect x="6" y="9" width="20" height="14" rx="2.5" fill="#fff"/><path d="M6 13h20v3H6z" fill="#0a6b4f"/></svg>',
)}`;

/** A whole document, from doctype to the end. */
export function htmlDocument({ locale, title, assets, script, head = "", body }: DocumentParts): string {
  const scriptTag = script ? `\n<script type="module" src="${escapeHtml(assets.script.path)}"></script>` : "";
  return `<!doctype html>
<html lang="${locale}" dir="${directionOf(locale)}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no">
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${escapeHtml(assets.style.path)}">${scriptTag}${head === "" ? "" : `\n${head}`}
</head>
<body>
${body}
</body>
</html>
`;
}

/** A quoted attribute's value. JSON is full of double quotes: within single ones it is a third smaller. */
export function attributeOf(text: string): string {
  return `'${text.replace(/[&<>']/g, (char) => ESCAPES[char] ?? char)}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Makes text safe between tags and within quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
}
