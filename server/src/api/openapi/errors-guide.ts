/** docs/guides/errors.md: every error with its status and text, when it happens, what to do, and whether trying again can help. */
import { type FailureDoc, type FailureKind, kindsOfFailure } from "@mintro/contract/operations/failures";
import type { Answer } from "../answer.ts";
import { answersTo, TOLD } from "./failures.ts";

const AGAIN: Readonly<Record<FailureDoc["again"], string>> = {
  no: "No: the same request gets the same answer.",
  after: "Once the cause is gone.",
  later: "Yes. A POST with the same `Idempotency-Key`.",
};

const TITLES: Readonly<Record<number, string>> = {
  400: "400: the request makes no sense, or something forbids it",
  401: "401: not authenticated",
  403: "403: not permitted",
  404: "404: not found",
  405: "405: method not allowed",
  413: "413: too large",
  415: "415: not JSON",
  422: "422: wrong fields",
  429: "429: too many requests",
  500: "500: our mistake",
  503: "503: not now",
};

const OPENING = `# Errors

<!-- Written by \`npm run openapi\` from the API's own tables. Change those, not this page. -->

Success is always 200. Every error has one of two shapes. The first says in \`message\` what is wrong:

\`\`\`json
{ "success": false, "message": "Invalid API Key provided.", "data": [] }
\`\`\`

The second, for 422, names every wrong field at once:

\`\`\`json
{
  "message": "The given data was invalid.",
  "errors": {
    "email": ["The email field is required."],
    "amount": ["The amount must be at least 1."]
  }
}
\`\`\`

Decide by the status, and log the text. Every answer carries \`X-Request-ID\`: name it when you report a problem.

Below stand all of them, by status, each with its very text. Their names are those of the examples in the
[reference](../api.md), and are not sent.

## When to try again

- No answer, 429, 500 and 503: send the same request again with the same \`Idempotency-Key\`. Nothing happens twice.
  Where there is a \`Retry-After\`, wait that many seconds, else longer each time.
- Every other error: the same request gets the same answer. Mend it first. A refused request had no effect, so its
  \`Idempotency-Key\` is free again.
`;

/** Markdown. */
export function errorsGuide(): string {
  const byStatus = Map.groupBy(kindsOfFailure(), (kind) => answersTo(kind)[0].status);
  const sections = [...byStatus]
    .sort(([one], [other]) => one - other)
    .map(([status, kinds]) => section(status, kinds));
  return [OPENING, ...sections].join("\n");
}

function section(status: number, kinds: readonly FailureKind[]): string {
  return `## ${TITLES[status] ?? status}\n\n${kinds.map(paragraph).join("\n")}`;
}

function paragraph(kind: FailureKind): string {
  const { when, mend, again } = TOLD[kind];
  const texts = textsOf(answersTo(kind));
  const shown = texts.map((text) => `> ${text}`).join("\n>\n");
  return `### \`${kind}\`\n\n${shown}\n\n- When: ${when}\n- What to do: ${mend}\n- Try again? ${AGAIN[again]}\n`;
}

/** The texts of a failure, of 422 with their fields. */
function textsOf(answers: readonly Answer[]): string[] {
  return answers.flatMap(({ body }) => {
    const { message, errors } = JSON.parse(body) as { message: string; errors?: Record<string, string[]> };
    if (!errors) return [message];
    return Object.entries(errors).flatMap(([field, texts]) => texts.map((text) => `\`${field}\`: ${text}`));
  });
}
