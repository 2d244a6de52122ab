import { SandboxError } from "../../contract/errors.ts";
import { callerEnvironment } from "../../host/caller-environment.ts";
import {
  vendorEnvironment,
  type VendorName,
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
    "this machine, and stays until `sandlot daemon stop`; the key among the lines is for that port only.",
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
    unset: { type: "boolean", about: "Print the lines that undo it" },
    ...jsonOption,
  },
  examples: [
    'eval "$(sandlot env)"',
    'eval "$(sandlot env e2b)"',
    "sandlot env --shell fish | source",
    "sandlot env daytona --shell powershell | Out-String | Invoke-Expression",
  ],
  async run({ options, positionals: [named] }, { console }) {
    const caller = callerEnvironment();
    const usual = process.platform === "win32" ? "powershell" : (caller.shell ?? "sh");
    const shell = shellOf(options.shell ?? usual);
    const vendor = vendorOf(named ?? "vercel");
    const unset = options.unset ?? false;
    const variables =
      vendor === "vercel"
        ? { NODE_OPTIONS: preload(caller.nodeOptions, unset) }
        : await variablesOf(vendor, unset);
    if (options.json) return console.json(variables);
    for (const [name, value] of Object.entries(variables)) console.line(line(shell, name, value));
    if (!console.isTerminal) return;
    // A person looks at the lines: they are of use only when the shell takes them in.
    const words = ["sandlot env", named, unset && "--unset", options.shell && `--shell ${shell}`];
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

function preload(nodeOptions: string, unset: boolean): string {
  return unset
    ? withoutPreload(nodeOptions)
    : withPreload(nodeOptions, import.meta.resolve("sandlot/register"));
}

/** An empty value stands for a variable that goes. */
async function variablesOf(vendor: VendorName, unset: boolean): Promise<Record<string, string>> {
  if (!unset) return vendorEnvironment(vendor);
  return Object.fromEntries(VENDOR_VARIABLES[vendor].map((name) => [name, ""]));
}

function line(shell: Shell, name: string, value: string): string {
  return value === "" ? unsetVariable(shell, name) : setVariable(shell, name, value);
}
