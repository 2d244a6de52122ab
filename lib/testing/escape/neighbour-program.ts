/** What runs in the second sandbox, as text for Node: servers and files that give the secret away to whoever gets to them. */
export const NEIGHBOUR = `
const { createServer } = require("node:net");
const { writeFileSync } = require("node:fs");
const secret = process.env.OF_THE_NEIGHBOUR + "\\n";
writeFileSync("of-the-neighbour", secret);
const serve = () => createServer((socket) => socket.on("error", () => {}).end(secret));
serve().listen("\\0" + process.env.ABSTRACT, () => {
  const server = serve().listen(0, "0.0.0.0", () => console.log("listening " + server.address().port));
});
`;
