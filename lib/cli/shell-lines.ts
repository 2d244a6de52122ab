import { SandboxError } from "../contract/errors.ts";
import { shellWord } from "../std/shell-word.ts";

/** Shells for which lines can be written that set a variable. */
export const SHELLS = ["bash", "zsh", "sh", "fish", "powershell", "cmd"] as const;
export type Shell = (typeof SHELLS)[number];

/** The shell by its name or by the path of its program, as `$SHELL` holds it. */
export function shellOf(name: string): Shell {
  const base = name
    .split(/[/\\]/)
    .at(-1)!
    .toLowerCase()
    .replace(/\.exe$/, "");
  const known = base === "pwsh" ? "powershell" : base === "dash" || base === "ash" ? "sh" : base;
  const shell = SHELLS.find((each) => each === known);
  if (!shell) {
    throw new SandboxError(
      "invalid_request",
      `"${name}" is no shell that sandlot can write lines for. Give one of: ${SHELLS.join(", ")}.`,
    );
  }
  return shell;
}

/** One line that sets and exports the variable in the shell, whatever the value holds. */
export function setVariable(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case "bash":
    case "zsh":
    case "sh":
      return `export ${name}=${shellWord(value)}`;
    case "fish":
      // Within single quotes fish knows two escapes: \\ and \'.
      return `set -gx ${name} '${value.replaceAll(/['\\]/g, (mark) => `\\${mark}`)}';`;
    case "powershell":
      return `$env:${name} = '${value.replaceAll("'", "''")}'`;
    case "cmd":
      return `set "${name}=${value}"`;
  }
}

/** One line that takes the variable away. */
export function unsetVariable(shell: Shell, name: string): string {
  switch (shell) {
    case "bash":
    case "zsh":
    case "sh":
      return `unset ${name}`;
    case "fish":
      return `set -e ${name};`;
    case "powershell":
      return `Remove-Item Env:${name} -ErrorAction SilentlyContinue`;
    case "cmd":
      return `set "${name}="`;
  }
}

/** How the lines are taken into the running shell. */
export function howToEvaluate(shell: Shell, command: string): string {
  switch (shell) {
    case "bash":
    case "zsh":
    case "sh":
      return `eval "$(${command})"`;
    case "fish":
      return `${command} | source`;
    case "powershell":
      return `${command} | Out-String | Invoke-Expression`;
    case "cmd":
      return `FOR /F "tokens=*" %i IN ('${command}') DO @%i`;
  }
}
