// Loads every file of the library anew, again and again, as a bundler's hot reload does, and uses it each
// time. Prints how many sockets are open and how many engines are known: at first, and at the end.
import { readdirSync, readlinkSync } from "node:fs";
import { registerHooks } from "node:module";

const [name = "", times = "1"] = process.argv.slice(2);

const library = new URL(".", new URL("..", import.meta.resolve("sandlot"))).href;
let generation = 0;
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    if (!resolved.url.startsWith(library) || resolved.url.includes("/node_modules/"))
      return resolved;
    const url = new URL(resolved.url);
    url.searchParams.set("generation", String(generation));
    return { ...resolved, url: url.href };
  },
});

const classes = new Set<unknown>();
async function useOnce(): Promise<void> {
  generation++;
  const { Sandbox } = await import("sandlot");
  classes.add(Sandbox);
  const sandbox = await Sandbox.getOrCreate({ name, resume: true });
  const result = await sandbox.runCommand("echo", [String(generation)]);
  if ((await result.stdout()) !== `${generation}\n`) throw new Error("the answer is another's");
}

function sockets(): number {
  const links = readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      // The directory's own descriptor is gone by now.
      return "";
    }
  });
  return links.filter((link) => link.startsWith("socket:")).length;
}

await useOnce();
const before = sockets();
for (let time = 1; time < Number(times); time++) await useOnce();
const known: unknown = Reflect.get(globalThis, Symbol.for("sandlot.transports"));
console.log(
  JSON.stringify({
    before,
    after: sockets(),
    copies: classes.size,
    engines: known instanceof Map ? known.size : 0,
  }),
);
