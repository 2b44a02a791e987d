// The entry point in plain JavaScript, so that an older Node, which cannot read the TypeScript behind it, can say so.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `Mintro needs Node 24.15 or newer, and this is ${process.versions.node}. On Linux x64 "npm ci" brings it: start with "npm start". Elsewhere install Node 24.`,
  );
  process.exitCode = 1;
} else {
  // One listener from the first line to the end: with the last listener, Node would drop a signal that still waits.
  const asked = new AbortController();
  const ask = () => asked.abort();
  process.on("SIGTERM", ask).on("SIGINT", ask);
  const { main } = await import("./src/main/start.ts");
  await main(asked.signal);
}
