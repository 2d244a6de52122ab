import { describe, expect } from "vitest";
import { forEachTransport } from "./harness.ts";
import { proves } from "./proves.ts";

forEachTransport((connection) => {
  describe("inside a sandbox", () => {
    proves("GST-001", "GST-004")(
      "the session's directory is known to commands and API",
      async () => {
        await using sandbox = await connection().create();
        expect(sandbox.cwd).toBe("/vercel/sandbox");
        const path = (await (await sandbox.runCommand("pwd")).stdout()).trim();
        expect(path).toMatch(/^\//);
        await sandbox.writeFiles([{ path: `${path}/by-pwd.txt`, content: "found" }]);
        expect(String(await sandbox.readFileToBuffer({ path: "by-pwd.txt" }))).toBe("found");
      },
    );

    proves("GST-002")("pwd is /vercel/sandbox", async () => {
      await using sandbox = await connection().create();
      expect(await (await sandbox.runCommand("pwd")).stdout()).toBe("/vercel/sandbox\n");
    });

    proves("GST-003")("HOME is /vercel", async () => {
      await using sandbox = await connection().create();
      expect(await (await sandbox.runCommand("printenv", ["HOME"])).stdout()).toBe("/vercel\n");
    });

    proves("GST-005")("messages are English", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand("ls", ["/nonexistent/file"]);
      expect(result.exitCode).toBe(2);
      expect(await result.stderr()).toContain("No such file or directory");
    });

    proves("GST-006", "GST-012")("node, npm, bash, git and tar are there", async () => {
      await using sandbox = await connection().create();
      const version = await (await sandbox.runCommand("node", ["--version"])).stdout();
      expect(Number(/^v(\d+)\./.exec(version)?.[1])).toBeGreaterThanOrEqual(22);
      for (const cmd of ["npm", "bash", "git", "tar"]) {
        expect((await sandbox.runCommand(cmd, ["--version"])).exitCode, cmd).toBe(0);
      }
    });

    proves("GST-007", "GST-010")("the text tools do their work", async () => {
      await using sandbox = await connection().create();
      await sandbox.writeFiles([{ path: "/tmp/lines.txt", content: "b\na\nc\na\n" }]);
      for (const [script, output] of [
        ["cat /tmp/lines.txt | sort | uniq", "a\nb\nc\n"],
        ["sort /tmp/lines.txt | uniq -c | sort -rn | head -n 1 | awk '{print $1, $2}'", "2 a\n"],
        ["wc -l < /tmp/lines.txt | tr -d ' '", "4\n"],
        ["echo hello | tr a-z A-Z | rev | cut -c1-3", "OLL\n"],
        ["seq 1 5 | xargs echo | sed 's/3/three/'", "1 2 three 4 5\n"],
        ["printf 'a\\nb\\nc\\n' | tail -n +2 | grep -c .", "2\n"],
        ["echo kept | tee tee.txt > /dev/null; cat tee.txt", "kept\n"],
        ["printf 'key=val\\n' | awk -F= '{print $2}'", "val\n"],
        ["echo one > out.txt; echo two >> out.txt; cat < out.txt", "one\ntwo\n"],
        ["ls /no/such/path 2> /dev/null || echo fallback", "fallback\n"],
      ] as const) {
        const result = await sandbox.runCommand("bash", [
          "-c",
          script.replace("/tmp/", '"$TMPDIR"/'),
        ]);
        expect(await result.output("both"), script).toBe(output);
      }
    });

    proves("GST-008")("the file tools do their work", async () => {
      await using sandbox = await connection().create();
      for (const [script, output] of [
        ["mkdir -p a/b && touch a/b/c && find a -type f", "a/b/c\n"],
        ["find a -printf '%f|%y\\n' | sort", "a|d\nb|d\nc|f\n"],
        ["stat -c '%s|%F' a/b/c", "0|regular empty file\n"],
        ["printf data > f && cp f g && mv g h && rm f && ls", "a\nh\n"],
        ["ln -s h link && readlink link && cat link", "h\ndata"],
        ["basename /tmp/x/y.txt .txt; dirname /tmp/x/y.txt", "y\n/tmp/x\n"],
        ["echo hello | base64 | base64 -d", "hello\n"],
        ["which sh > /dev/null && echo found", "found\n"],
        ["truncate -s 3 h && wc -c < h", "3\n"],
      ] as const) {
        const result = await sandbox.runCommand("bash", ["-c", script]);
        expect(await result.output("both"), script).toBe(output);
      }
    });

    proves("GST-009")("the small things are there", async () => {
      await using sandbox = await connection().create();
      for (const [cmd, ...args] of [
        ["whoami"],
        ["date"],
        ["env"],
        ["printenv"],
        ["sleep", "0"],
      ] as const) {
        const result = await sandbox.runCommand(cmd, args);
        expect(result.exitCode, cmd).toBe(0);
        if (cmd !== "sleep") expect((await result.stdout()).trim(), cmd).not.toBe("");
      }
    });

    proves("GST-011")("nothing of the host's environment is seen", async () => {
      process.env["SANDLOT_TEST_SECRET"] = "of the host";
      try {
        await using sandbox = await connection().create({ env: { MINE: "1" } });
        const output = await (await sandbox.runCommand("env", ["-0"])).stdout();
        const names = output
          .split("\0")
          .filter(Boolean)
          .map((line) => line.split("=")[0] ?? "");
        const own = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TMPDIR|PWD|PORT\w*|MINE|TERM)$/;
        // Where `npm i -g` puts things: into the sandbox, not onto the host.
        const set = new Set(["npm_config_prefix"]);
        const passedOn =
          /^(NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|SANDLOT_(COMMAND|SESSION))$/;
        const strange = names.filter(
          (name) => !own.test(name) && !set.has(name) && !passedOn.test(name),
        );
        expect(strange).toEqual([]);
        expect(output).toContain("MINE=1");
      } finally {
        delete process.env["SANDLOT_TEST_SECRET"];
      }
    });

    proves("GST-013", "GST-015")("files are the sandbox's own", async () => {
      await using first = await connection().create();
      await using second = await connection().create();
      await first.writeFiles([{ path: "/tmp/same.txt", content: "first" }]);
      expect(await second.readFileToBuffer({ path: "/tmp/same.txt" })).toBeNull();
      await second.runCommand("sh", ["-c", 'printf second > "$TMPDIR/same.txt"']);
      expect(String(await first.readFileToBuffer({ path: "/tmp/same.txt" }))).toBe("first");
      expect(String(await second.readFileToBuffer({ path: "/tmp/same.txt" }))).toBe("second");
    });

    proves("GST-014")("the host's own files are out of reach", async () => {
      await using sandbox = await connection().create();
      // Somebody's folder of this machine that is surely not empty: a home may be.
      // In the shell's text, which is never led into the sandbox as an argument would be.
      const script = `ls -A '${import.meta.dirname}' 2> /dev/null`;
      const result = await sandbox.runCommand("sh", ["-c", script]);
      expect(await result.stdout()).toBe("");
    });
  });
});
