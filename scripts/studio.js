// What `npm start` and `npm run dev` call. Plain JavaScript that any Node reads, so that one that is too old
// for the rest is told apart from a mistake.
const FIRST = [22, 18];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < FIRST[0] || (major === FIRST[0] && minor < FIRST[1])) {
  process.stderr.write(
    `The studio cannot start on Node ${process.versions.node}: it needs ${FIRST.join(".")} or newer. \`npm ci\` brings one along, which \`npm start\` then uses; if it was left out (\`--omit=optional\`), install Node 24 and try again.\n`,
  );
  process.exit(1);
}
await import("./start-studio.ts");
