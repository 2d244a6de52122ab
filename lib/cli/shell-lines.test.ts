import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { setVariable, shellOf, unsetVariable } from "./shell-lines.ts";

const AWKWARD = `--import='a b'\\ "$HOME" \`id\` ; echo \u00e4`;

test("a POSIX shell reads back exactly the value that was written for it", () => {
  const script = `${setVariable("bash", "PROBE", AWKWARD)}\nprintf %s "$PROBE"`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(AWKWARD);
});

test("what was set is gone after the line that takes it away", () => {
  const script = `${setVariable("sh", "PROBE", "x")}\n${unsetVariable("sh", "PROBE")}\nprintf %s "\${PROBE-gone}"`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe("gone");
});

test("doubles or escapes quotes the way each other shell wants", () => {
  expect(setVariable("fish", "A", String.raw`it's \ here`)).toBe(
    String.raw`set -gx A 'it\'s \\ here';`,
  );
  expect(setVariable("powershell", "A", "it's")).toBe("$env:A = 'it''s'");
  expect(setVariable("cmd", "A", "b c")).toBe('set "A=b c"');
});

test.each([
  ["/usr/bin/zsh", "zsh"],
  ["fish", "fish"],
  ["C:\\Program Files\\PowerShell\\7\\pwsh.exe", "powershell"],
  ["dash", "sh"],
])("knows the shell of %s", (given, shell) => {
  expect(shellOf(given)).toBe(shell);
});

test("names the shells it knows when it is given another", () => {
  expect(() => shellOf("tcsh")).toThrow(/"tcsh" is no shell .* bash, zsh, sh, fish/);
});
