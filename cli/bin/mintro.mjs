#!/usr/bin/env node
// The entry point in plain JavaScript, so that an older Node, which cannot read the TypeScript behind it, can say so.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `Mintro needs Node 24.15 or newer, and this is ${process.versions.node}. On Linux x64 "npm ci" brings it: run "npx mintro". Elsewhere install Node 24.`,
  );
  process.exitCode = 1;
} else {
  const { main } = await import("../src/mintro.ts");
  await main(process.argv);
}
