import { expect, test } from "vitest";
import { IsolationBench } from "../../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";

const makeIsolation = await makeNamespaces();
const isRoot = process.getuid?.() === 0;
const isMissing = (await whyNoNamespaces()) !== undefined;

test.skipIf(isMissing)(
  "sudo makes the default user root, with its variables and root's home",
  async () => {
    await using bench = await IsolationBench.make(makeIsolation);
    const root = await bench.prepare();
    const line = 'id -u; echo "$HOME $USER $KEPT"; cat /proc/self/status | grep -c NoNewPrivs';
    const ran = await bench.run(root, ["sudo", "-E", "-n", "KEPT=kept", "sh", "-c", line]);
    expect(ran).toEqual({ exitCode: 0, stdout: "0\n/root root kept\n1\n", stderr: "" });
  },
);

test.skipIf(isMissing)(
  "sudo passes arguments and exit codes exactly, and refuses what it does not know",
  async () => {
    await using bench = await IsolationBench.make(makeIsolation);
    const root = await bench.prepare();
    const odd = ["", "a b", "$x", "'", "--flag"];
    const script = 'printf "%s|" "$@"; exit 7';
    const ran = await bench.run(root, ["sudo", "sh", "-c", script, "sh", ...odd]);
    expect(ran).toEqual({ exitCode: 7, stdout: `${odd.join("|")}|`, stderr: "" });
    const unknown = await bench.run(root, ["sudo", "-u", "nobody-here", "true"]);
    expect(unknown).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "sudo: unknown user nobody-here\n",
    });
  },
);

test.skipIf(!isRoot || isMissing)(
  "a user that was made is who he is, and has no sudo (needs a range of ids)",
  async () => {
    await using bench = await IsolationBench.make(makeIsolation);
    const root = await bench.prepare();
    await bench.run(root, ["sudo", "useradd", "-m", "alice"]);
    const who = await bench.sh(root, "sudo -u alice sh -c 'id -un; touch ~/own; stat -c %U ~/own'");
    expect(who).toEqual({ exitCode: 0, stdout: "alice\nalice\n", stderr: "" });
    const refused = await bench.sh(root, "sudo -u alice sudo id");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toContain("not in the sudoers file");
    // Nor by doing what the script does.
    const direct = await bench.sh(
      root,
      "sudo -u alice setpriv --reuid 0 --regid 0 --clear-groups id",
    );
    expect(direct.exitCode).not.toBe(0);
    expect(direct.stdout).toBe("");
  },
);
