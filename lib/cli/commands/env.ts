import { callerEnvironment } from "../../host/caller-environment.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { howToEvaluate, setVariable, SHELLS, shellOf, unsetVariable } from "../shell-lines.ts";
import { withoutPreload, withPreload } from "../node-options.ts";

export const env = defineCommand({
  name: "env",
  summary: "Print the lines that point unmodified programs of this shell at Sandlot",
  details:
    "Node programs that are started from the shell afterwards load `sandlot/register` first, so that\n" +
    "the unmodified @vercel/sandbox, and the vendor's `sandbox` command, talk to Sandlot.",
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
    "sandlot env --shell fish | source",
    "sandlot env --shell powershell | Out-String | Invoke-Expression",
  ],
  async run({ options }, { console }) {
    const caller = callerEnvironment();
    const usual = process.platform === "win32" ? "powershell" : (caller.shell ?? "sh");
    const shell = shellOf(options.shell ?? usual);
    const value = options.unset
      ? withoutPreload(caller.nodeOptions)
      : withPreload(caller.nodeOptions, import.meta.resolve("sandlot/register"));
    if (options.json) return console.json({ NODE_OPTIONS: value });
    console.line(
      value === ""
        ? unsetVariable(shell, "NODE_OPTIONS")
        : setVariable(shell, "NODE_OPTIONS", value),
    );
    if (!console.isTerminal) return;
    // A person looks at the lines: they are of use only when the shell takes them in.
    const flags = `${options.unset ? " --unset" : ""}${options.shell ? ` --shell ${shell}` : ""}`;
    const hint = `# Take it in with: ${howToEvaluate(shell, `sandlot env${flags}`)}`;
    console.note(console.paint("dim", hint, "note"));
  },
});
