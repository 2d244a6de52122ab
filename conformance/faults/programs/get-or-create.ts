// Asks for one name many times at once, and prints what it got: a line of JSON.
import { Sandbox } from "sandlot";

const [name = "", count = "1"] = process.argv.slice(2);

const found = await Promise.allSettled(
  Array.from({ length: Number(count) }, () => Sandbox.getOrCreate({ name, resume: true })),
);
const answers = found.map((result) =>
  result.status === "fulfilled"
    ? { sessionId: result.value.currentSession().sessionId }
    : { error: String(result.reason) },
);
console.log(JSON.stringify(answers));
