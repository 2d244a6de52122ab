import { SandboxError } from "../../contract/errors.ts";
import { callerEnvironment } from "../../host/caller-environment.ts";
import {
  e2bNamesEnvironment,
  NAMES_VARIABLES,
  vendorEnvironment,
  VENDOR_VARIABLES,
} from "../../host/vendor-environment.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { withoutPreload, withPreload } from "../node-options.ts";
import {
  howToEvaluate,
  setVariable,
  type Shell,
  SHELLS,
  shellOf,
  unsetVariable,
} from "../shell-lines.ts";

const VENDORS = ["vercel", "e2b", "daytona"] as const;
type Vendor = (typeof VENDORS)[number];

export const env = defineCommand({
  name: "env",
  summary: "Print the lines that point unmodified programs of this shell at Sandlot",
  details:
    "vercel (the default): Node programs that are started from the shell afterwards load `sandlot/register`\n" +
    "first, so that the unmodified @vercel/sandbox, and the vendor's `sandbox` command, talk to Sandlot.\n" +
    "e2b, daytona: the variables that the vendor's own clients read. The daemon then listens on a port of\n" +
    "this machine, and stays for a week after the last call; the key among the lines is for that port only.\n" +
    "e2b --tls: for programs that open https://${sandbox.getHost(port)}. They trust a certificate of this\n" +
    "machine's, which is good for names below e2b.localhost only, and find these names.",
  positionals: [
    {
      name: "vendor",
      about: `Whose programs: ${VENDORS.join(", ")} (default vercel)`,
      optional: true,
    },
  ],
  options: {
    shell: {
      type: "string",
      about: `For which shell: ${SHELLS.join(", ")} (default: by $SHELL)`,
      value: "name",
    },
    tls: {
      type: "boolean",
      about: "With e2b: each port of a sandbox at a name of its own, over TLS",
    },
    unset: { type: "boolean", about: "Print the lines that undo it" },
    ...jsonOption,
  },
  examples: [
    'eval "$(sandlot env)"',
    'eval "$(sandlot env e2b)"',
    'eval "$(sandlot env e2b --tls)"',
    "sandlot env --shell fish | source",
    "sandlot env daytona --shell powershell | Out-String | Invoke-Expression",
  ],
  async run({ options, positionals: [named] }, { console }) {
    const caller = callerEnvironment();
    const usual = process.platform === "win32" ? "powershell" : (caller.shell ?? "sh");
    const shell = shellOf(options.shell ?? usual);
    const vendor = vendorOf(named ?? "vercel");
    const unset = options.unset ?? false;
    const tls = options.tls ?? false;
    if (tls && vendor !== "e2b") {
      throw new SandboxError("invalid_request", "--tls is for e2b: `sandlot env e2b --tls`.");
    }
    const variables = await variablesOf({ vendor, tls, unset, nodeOptions: caller.nodeOptions });
    if (options.json) return console.json(variables);
    for (const [name, value] of Object.entries(variables)) console.line(line(shell, name, value));
    if (!console.isTerminal) return;
    // A person looks at the lines: they are of use only when the shell takes them in.
    const words = [
      "sandlot env",
      named,
      tls && "--tls",
      unset && "--unset",
      options.shell && `--shell ${shell}`,
    ];
    const hint = `# Take it in with: ${howToEvaluate(shell, words.filter(Boolean).join(" "))}`;
    console.note(console.paint("dim", hint, "note"));
  },
});

function vendorOf(name: string): Vendor {
  const vendor = VENDORS.find((each) => each === name);
  if (vendor) return vendor;
  throw new SandboxError(
    "invalid_request",
    `"${name}" is no vendor that Sandlot stands in for. Give one of: ${VENDORS.join(", ")}.`,
  );
}

interface Wanted {
  vendor: Vendor;
  tls: boolean;
  unset: boolean;
  /** What NODE_OPTIONS holds now. */
  nodeOptions: string;
}

/** An empty value stands for a variable that goes. */
async function variablesOf(wanted: Wanted): Promise<Record<string, string>> {
  const { vendor, tls, unset, nodeOptions } = wanted;
  const register = import.meta.resolve("sandlot/register");
  const module = tls ? register.replace(/index(?=\.[jt]s$)/, "names") : register;
  const preloaded = () => ({
    NODE_OPTIONS: unset ? withoutPreload(nodeOptions, module) : withPreload(nodeOptions, module),
  });
  if (vendor === "vercel") return preloaded();
  if (tls)
    return { ...(unset ? gone(NAMES_VARIABLES) : await e2bNamesEnvironment()), ...preloaded() };
  return unset ? gone(VENDOR_VARIABLES[vendor]) : vendorEnvironment(vendor);
}

function gone(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, ""]));
}

function line(shell: Shell, name: string, value: string): string {
  return value === "" ? unsetVariable(shell, name) : setVariable(shell, name, value);
}
