import type { ESTree } from "vite";
import { nameOf } from "./names.ts";
import { type Finding, findingAt, isServerCode, isTest, type Tree } from "./source.ts";

/** What a file looks like: readable syntax, an opening that says why it exists, plain classes, quiet, no path of a machine. */

export function* syntax({ sources }: Tree): Iterable<Finding> {
  for (const source of sources)
    for (const { message, offset } of source.syntaxErrors)
      yield findingAt(source, offset, "syntax", `does not parse: ${message}`);
}

/** The reason for a file stands before its first statement that is not an import. */
export function* opening({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (isTest(source.path)) continue;
    const first = source.program.body.find((statement) => statement.type !== "ImportDeclaration");
    if (!first || source.comments.some((comment) => comment.start < first.start)) continue;
    yield findingAt(source, first.start, "opening", "say above it in a comment why this file exists");
  }
}

/** A class takes over from nothing but an error, whose name tells callers apart. */
export function* inheritance({ sources }: Tree): Iterable<Finding> {
  const parents = new Map<string, string>();
  const classes = sources.flatMap((source) =>
    source.nodes.flatMap(({ node }) =>
      (node.type === "ClassDeclaration" || node.type === "ClassExpression") && node.superClass
        ? [{ source, node, parent: nameOf(node.superClass) ?? "" }]
        : [],
    ),
  );
  for (const { node, parent } of classes) if (node.id) parents.set(node.id.name, parent);
  const isError = (name: string, after: readonly string[] = []): boolean =>
    BUILT_IN_ERROR.test(name) ||
    (!after.includes(name) && isError(parents.get(name) ?? name, [...after, name]));
  for (const { source, node, parent } of classes)
    if (!isError(parent))
      yield findingAt(source, node.start, "inheritance", `does not extend ${parent}: hand it what it needs`);
  for (const source of sources)
    for (const { node } of source.nodes)
      if (node.type === "Decorator")
        yield findingAt(source, node.start, "inheritance", "no decorators: call a function");
}

const BUILT_IN_ERROR = /^(?:Aggregate|Range|Reference|Syntax|Type|URI)?Error$/;

export function* quiet({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!isServerCode(source.path) || source.path.startsWith("server/src/main/")) continue;
    for (const { node } of source.nodes)
      if (node.type === "MemberExpression" && nameOf(node.object) === "console")
        yield findingAt(source, node.start, "quiet", "the server logs through base/log.ts; only main prints");
  }
}

const LEFT_OUT = new Set(["only", "skip", "todo", "fails"]);
const CONDITIONAL = new Set(["skipIf", "runIf"]);
const RUNNERS = new Set(["test", "it", "describe", "suite", "bench"]);
const MOCKS = new Set(["mock", "doMock", "hoisted"]);

/**
 * Every test runs, against the real thing. Only the machine may leave one out: by a condition that is looked up
 * (`runIf(isRoot)`), or from within (`context.skip("…")`) with the reason in words.
 */
export function* wholeTests({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!isTest(source.path)) continue;
    for (const { node } of source.nodes) {
      const what = leftOut(node);
      if (what !== undefined)
        yield findingAt(source, node.start, "tests", `${what}: every test runs; mend it or remove it`);
      if (node.type === "MemberExpression" && nameOf(node.object) === "vi" && MOCKS.has(nameOf(node) ?? ""))
        yield findingAt(
          source,
          node.start,
          "tests",
          `vi.${nameOf(node)}: nothing is mocked; use the sandbox`,
        );
    }
  }
}

/** How a node keeps a test from running, if it does. */
function leftOut(node: ESTree.Node): string | undefined {
  const name = nameOf(node) ?? "";
  if (node.type === "MemberExpression" && LEFT_OUT.has(name) && RUNNERS.has(rootOf(node) ?? ""))
    return `.${name}`;
  if (node.type !== "CallExpression") return undefined;
  const callee = nameOf(node.callee) ?? "";
  const [first] = node.arguments;
  if (CONDITIONAL.has(callee) && first?.type === "Literal") return callee;
  const runner = RUNNERS.has(rootOf(node.callee) ?? "");
  if (callee === "skip" && !runner && first?.type !== "Literal" && first?.type !== "TemplateLiteral")
    return "skip() without a reason";
  if (!runner) return undefined;
  const options = node.arguments.flatMap((argument) =>
    argument.type === "ObjectExpression" ? argument.properties : [],
  );
  return options
    .map((option) => (option.type === "Property" ? (nameOf(option.key) ?? "") : ""))
    .find((key) => LEFT_OUT.has(key));
}

/** `test` of `test.concurrent.only`, and of `test.each([…]).only`. */
function rootOf(node: ESTree.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "MemberExpression") return rootOf(node.object);
  return node.type === "CallExpression" ? rootOf(node.callee) : undefined;
}

/** A folder that exists on one person's machine; `/dev`, `/proc`, `/usr` and the temporary folder exist on many. */
const MACHINE_PATH =
  /(?<![\w.$}*-])\/(?:home\/[\w.-]+|Users\/[\w.-]+|(?:root|work|workspace|workspaces|mnt)\/[\w.-]|root\b(?![\w/-]))|\b[A-Z]:\\Users\\/;

export function* machinePaths({ texts }: Tree): Iterable<Finding> {
  for (const [path, text] of texts) {
    if (path === "package-lock.json" || !MACHINE_PATH.test(text)) continue;
    for (const [index, line] of text.split("\n").entries())
      if (MACHINE_PATH.test(line))
        yield {
          path,
          line: index + 1,
          rule: "machine-paths",
          advice: "names a folder of one machine; make it relative",
        };
  }
}
