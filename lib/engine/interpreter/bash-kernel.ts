/**
 * What makes an interactive bash a kernel: it reads from its input what to do next, keeps its state, and goes on after
 * an interrupt. The marker is in `$1` of what starts it. Its requests are lines of shell: see `bashRequest`.
 */
export function bashStart(marker: string): string {
  return [
    "PS1= PS2= PROMPT_COMMAND=",
    "set +o history +H",
    // An interactive shell passes over the signal by which a sandbox asks its programs to end.
    "trap 'exit 143' TERM",
    "__sandlot_count=0 __sandlot_ended=0",
    `__sandlot_send() { printf '\\000%s %s\\n' '${marker}' "$1"; }`,
    `__sandlot_end() {`,
    `  [ "$2" = 0 ] || __sandlot_send '{"error":{"name":"","value":"'"$2"'","traceback":""}}'`,
    `  __sandlot_send '{"end":'"$1"'}'; __sandlot_send '{"end":'"$1"'}' >&2; __sandlot_ended=$1`,
    "}",
    `__sandlot_send '{"ready":"bash '"$BASH_VERSION"'"}'`,
    "",
  ].join("\n");
}

/** One line for one execution; the code goes in Base64, so that nothing in it can end the line. */
export function bashRequest({
  id,
  code,
  env,
}: {
  id: number;
  code: string;
  env: Record<string, string>;
}): string {
  const names = Object.keys(env).filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  const save = names.flatMap((name) => [
    `__sandlot_had_${name}=\${${name}+x}`,
    `__sandlot_was_${name}=\${${name}-}`,
    `export ${name}="$(printf %s ${base64(env[name] ?? "")} | base64 -d)"`,
  ]);
  const read = `__sandlot_code="$(printf %s ${base64(code)} | base64 -d)"`;
  // Whoever reads this may interrupt it. From here on nothing of the kernel's own runs, for which the shell would wait
  // and then take the interrupt for that one's.
  const count = `__sandlot_count=$((__sandlot_count+1)); __sandlot_send '{"count":'"$__sandlot_count"'}'`;
  const run = `eval "$__sandlot_code" </dev/null`;
  const restore = bashRestore(names);
  return `${[...save, read, count].join("; ")}; ${run}; __sandlot_status=$?; ${restore}__sandlot_end ${id} $__sandlot_status\n`;
}

/** An interrupt drops the rest of the line that was being run: this stands for its end, unless that came before it. */
export function bashInterrupted({ id, env }: { id: number; env: Record<string, string> }): string {
  const names = Object.keys(env).filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  return `if [ "$__sandlot_ended" != ${id} ]; then ${bashRestore(names)}__sandlot_end ${id} 130; fi\n`;
}

function bashRestore(names: string[]): string {
  return names
    .map(
      (name) =>
        `if [ -n "$__sandlot_had_${name}" ]; then ${name}="$__sandlot_was_${name}"; else unset ${name}; fi; `,
    )
    .join("");
}

function base64(text: string): string {
  return `'${Buffer.from(text).toString("base64")}'`;
}
