// The entry point in plain JavaScript, so that an older Node, which cannot read the TypeScript behind it, can say so.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `Mintro needs Node 24.15 or newer, and this is ${process.versions.node}. On Linux x64 "npm ci" brings it: start with "npm start". Elsewhere install Node 24.`,
  );
  process.exitCode = 1;
} else {
  // While the code is only being read, nothing runs that would have to be stopped.
  const leave = () => process.exit(0);
  process.on("SIGTERM", leave).on("SIGINT", leave);
  const { main } = await import("./src/main/start.ts");
  process.off("SIGTERM", leave).off("SIGINT", leave);
  await main();
}
