import { describe, expect } from "vitest";
import { rejection } from "../harness.ts";
import { ISOLATION } from "../isolation.ts";
import { proves } from "../proves.ts";
import { forE2b } from "./harness.ts";

const text = new TextEncoder();

/** What a terminal showed so far. */
function screen() {
  const decoder = new TextDecoder();
  const shown = { text: "" };
  const onData = (data: Uint8Array) => void (shown.text += decoder.decode(data, { stream: true }));
  return { shown, onData };
}

forE2b(
  (e2b) => {
    describe("commands", () => {
      proves(
        "ENV-101",
        "ENV-102",
        "ENV-113",
      )("run in a login shell, and give output and exit code", async () => {
        await using sandbox = await e2b().create();
        const well = await sandbox.commands.run(
          'echo "out $HOME $(id -un) $(shopt login_shell)"; echo err >&2; pwd',
        );
        expect(well.exitCode).toBe(0);
        expect(well.stderr).toBe("err\n");
        expect(well.stdout).toMatch(/^out \S*\/home\/user /);
        expect(well.stdout).toMatch(/login_shell\s+on/);
        if (ISOLATION === "namespaces") expect(well.stdout).toContain("user login_shell");
        expect(well.stdout).toMatch(/\/home\/user\n$/);
        const { CommandExitError, InvalidArgumentError } = e2b().sdk;
        const failed = await rejection(sandbox.commands.run("echo so far; echo bad >&2; exit 42"));
        expect(failed).toBeInstanceOf(CommandExitError);
        expect(failed).toMatchObject({
          exitCode: 42,
          stdout: "so far\n",
          stderr: "bad\n",
          message: "exit status 42",
        });
        const lost = sandbox.commands.run("pwd", { cwd: "/no/such/place" });
        expect(await rejection(lost)).toBeInstanceOf(InvalidArgumentError);
        const there = await sandbox.commands.run("mkdir -p sub && cd sub && pwd");
        expect((await sandbox.commands.run("pwd", { cwd: "sub" })).stdout).toBe(there.stdout);
      });

      proves("ENV-103")("see their own variables", async () => {
        await using sandbox = await e2b().create({ envs: { ONE: "sandbox", TWO: "sandbox" } });
        const given = { envs: { TWO: "command", THREE: "ü \"'$x" } };
        const seen = await sandbox.commands.run('echo "$ONE $TWO $THREE"', given);
        expect(seen.stdout).toBe("sandbox command ü \"'$x\n");
        const next = await sandbox.commands.run('echo "$ONE $TWO ${THREE-none}"');
        expect(next.stdout).toBe("sandbox sandbox none\n");
      });

      proves("ENV-104")("stream what they write", async () => {
        await using sandbox = await e2b().create();
        const pieces: string[] = [];
        await sandbox.commands.run("mkfifo fifo");
        const writer = await sandbox.commands.run(
          "echo one; read line < fifo; echo $line; head -c 3000000 /dev/zero | tr '\\0' x; echo; printf 'ü%.0s' $(seq 5000)",
          { background: true, onStdout: (piece) => void pieces.push(piece) },
        );
        await expect.poll(() => pieces.join("")).toBe("one\n");
        await sandbox.commands.run("echo two > fifo");
        const { stdout } = await writer.wait();
        expect(stdout).toBe(`one\ntwo\n${"x".repeat(3_000_000)}\n${"ü".repeat(5_000)}`);
        expect(pieces.join("")).toBe(stdout);
      });

      proves("ENV-105")("take input", async () => {
        await using sandbox = await e2b().create();
        const reader = await sandbox.commands.run(
          'read -r a; read -r b; echo "$a|$b"; cat | wc -c',
          {
            background: true,
            stdin: true,
          },
        );
        await sandbox.commands.sendStdin(reader.pid, "first line\n");
        await sandbox.commands.sendStdin(reader.pid, "ü second\n");
        await sandbox.commands.sendStdin(reader.pid, "x".repeat(2_500_000));
        await sandbox.commands.closeStdin(reader.pid);
        const { stdout } = await reader.wait();
        expect(stdout).toBe("first line|ü second\n2500000\n");
        const without = await sandbox.commands.run("cat; echo end");
        expect(without.stdout).toBe("end\n");
      });

      proves("ENV-106", "ENV-107")("are listed and killed", async () => {
        await using sandbox = await e2b().create();
        const handle = await sandbox.commands.run("sleep 1000", {
          background: true,
          envs: { MARK: "yes" },
          cwd: "/tmp",
        });
        const listed = await sandbox.commands.list();
        expect(listed).toEqual([
          expect.objectContaining({
            pid: handle.pid,
            cmd: "/bin/bash",
            args: ["-l", "-c", "sleep 1000"],
            envs: { MARK: "yes" },
            cwd: "/tmp",
          }),
        ]);
        const own = await sandbox.commands.run("echo $$; exec sleep 0.2", { background: true });
        expect((await own.wait()).stdout).toBe(`${own.pid}\n`);
        expect(await sandbox.commands.kill(handle.pid)).toBe(true);
        const ended = await rejection(handle.wait());
        expect(ended).toMatchObject({ exitCode: -1, error: "signal: killed" });
        expect(await sandbox.commands.kill(handle.pid)).toBe(false);
        expect(await sandbox.commands.kill(999_999)).toBe(false);
        expect(await sandbox.commands.list()).toEqual([]);
        const probe = sandbox.commands.run(`kill -0 ${handle.pid}`);
        expect(await rejection(probe)).toBeInstanceOf(e2b().sdk.CommandExitError);
      });

      proves("ENV-108", "ENV-110")("may be left and connected to", async () => {
        await using sandbox = await e2b().create();
        await sandbox.commands.run("mkfifo go");
        const first = await sandbox.commands.run("echo before; read x < go; echo after $x", {
          background: true,
        });
        await expect.poll(() => first.stdout).toBe("before\n");
        await first.disconnect();
        const second = await sandbox.commands.connect(first.pid);
        expect(second.pid).toBe(first.pid);
        await sandbox.commands.run("echo all > go");
        expect(await second.wait()).toMatchObject({ exitCode: 0, stdout: "after all\n" });
        const none = sandbox.commands.connect(999_999);
        expect(await rejection(none)).toBeInstanceOf(e2b().sdk.NotFoundError);
      });

      proves("ENV-109")("end with their time", async () => {
        await using sandbox = await e2b().create();
        const { TimeoutError } = e2b().sdk;
        const late = sandbox.commands.run("touch begun; sleep 1000; touch done", {
          timeoutMs: 500,
        });
        expect(await rejection(late)).toBeInstanceOf(TimeoutError);
        await expect.poll(() => sandbox.commands.list()).toEqual([]);
        const left = await sandbox.commands.run("sleep 1000", {
          background: true,
          // It must have begun by then.
          timeoutMs: 3_000,
        });
        await left.disconnect();
        await expect.poll(() => sandbox.commands.list()).toEqual([]);
        const forever = await sandbox.commands.run("sleep 0.2; echo done", { timeoutMs: 0 });
        expect(forever.stdout).toBe("done\n");
      });

      proves("ENV-111")("end with their sandbox", async () => {
        await using sandbox = await e2b().create();
        const running = await sandbox.commands.run("sleep 1000", { background: true });
        const failure = rejection(running.wait());
        await sandbox.kill();
        expect(await failure).toBeInstanceOf(e2b().sdk.TimeoutError);
      });

      proves("ENV-112")("run as the user that is named", async () => {
        await using sandbox = await e2b().create();
        const asRoot = sandbox.commands.run("id -un; pwd; echo $HOME", { user: "root" });
        if (ISOLATION === "process") {
          expect((await rejection(asRoot)).message).toContain("`process` isolation");
          return;
        }
        expect((await asRoot).stdout).toContain("root\n");
        const asUser = await sandbox.commands.run("id -un; sudo -n id -un", { user: "user" });
        expect(asUser.stdout).toBe("user\nroot\n");
        const unknown = await rejection(sandbox.commands.run("true", { user: "nobody-knows" }));
        expect(unknown.message).toContain("nobody-knows");
      });
    });
  },
  { versions: ["2.51", "2.50", "2.45"] },
);

forE2b((e2b) => {
  describe("terminals", () => {
    proves("ENV-401", "ENV-402")("are login shells that take input and have a size", async () => {
      await using sandbox = await e2b().create();
      await sandbox.files.makeDir("work");
      const { shown, onData } = screen();
      const handle = await sandbox.pty.create({
        cols: 93,
        rows: 27,
        onData,
        envs: { WORD: "given" },
        cwd: "/home/user/work",
      });
      const type = (line: string) => sandbox.pty.sendInput(handle.pid, text.encode(line));
      await type('echo "[$TERM $LANG $WORD $(pwd) $(stty size) $(shopt login_shell)]"\n');
      await expect
        .poll(() => shown.text)
        .toMatch(/\[xterm-256color C\.UTF-8 given \/\S*home\/user\/work 27 93 login_shell\s+on\]/);
      await sandbox.pty.resize(handle.pid, { cols: 120, rows: 50 });
      await type('echo "<$(stty size)>"\n');
      await expect.poll(() => shown.text).toContain("<50 120>");
      await type("exit 3\n");
      expect(await rejection(handle.wait())).toMatchObject({ exitCode: 3 });
    });

    proves("ENV-403")("may be left, found again and killed", async () => {
      await using sandbox = await e2b().create();
      const first = screen();
      const handle = await sandbox.pty.create({ cols: 80, rows: 24, onData: first.onData });
      await sandbox.pty.sendInput(handle.pid, text.encode("kept=still-here\n"));
      await handle.disconnect();
      const second = screen();
      const again = await sandbox.pty.connect(handle.pid, { onData: second.onData });
      expect(again.pid).toBe(handle.pid);
      await sandbox.pty.sendInput(handle.pid, text.encode('echo "<$kept>"\n'));
      await expect.poll(() => second.shown.text).toContain("<still-here>");
      expect((await sandbox.commands.list()).map(({ pid }) => pid)).toEqual([handle.pid]);
      expect(await sandbox.pty.kill(handle.pid)).toBe(true);
      await rejection(again.wait());
      expect(await sandbox.pty.kill(handle.pid)).toBe(false);
    });
  });
});

forE2b((e2b) => {
  describe("git", () => {
    proves("ENV-501")("makes, clones, changes and sends repositories", async () => {
      await using sandbox = await e2b().create();
      const { git, files, commands } = sandbox;
      const home = (await commands.run("pwd")).stdout.trim();
      await git.configureUser("Test", "test@example.com");
      await git.init(`${home}/remote.git`, { bare: true, initialBranch: "main" });
      await git.init(`${home}/repo`, { initialBranch: "main" });
      const repo = `${home}/repo`;
      await files.write("repo/README.md", "# hello\n");
      const before = await git.status(repo);
      expect(before.fileStatus.map(({ name, status }) => `${status} ${name}`)).toEqual([
        "untracked README.md",
      ]);
      await git.add(repo);
      await git.commit(repo, "first");
      expect((await git.status(repo)).isClean).toBe(true);
      await git.remoteAdd(repo, "origin", `${home}/remote.git`);
      await git.push(repo, { remote: "origin", branch: "main", setUpstream: true });
      await git.createBranch(repo, "topic");
      expect(await git.branches(repo)).toMatchObject({
        currentBranch: "topic",
        branches: expect.arrayContaining(["main", "topic"]),
      });
      await git.checkoutBranch(repo, "main");
      await git.deleteBranch(repo, "topic");
      await git.clone(`${home}/remote.git`, { path: `${home}/clone` });
      expect(await files.read("clone/README.md")).toBe("# hello\n");
      await files.write("repo/more.txt", "more\n");
      await git.add(repo, { files: ["more.txt"] });
      await git.commit(repo, "second");
      await git.push(repo);
      await git.pull(`${home}/clone`);
      expect(await files.read("clone/more.txt")).toBe("more\n");
      await files.write("repo/more.txt", "changed\n");
      await git.restore(repo, { paths: ["more.txt"] });
      expect(await files.read("repo/more.txt")).toBe("more\n");
      await git.setConfig("pull.rebase", "false", { scope: "local", path: repo });
      expect(await git.getConfig("pull.rebase", { scope: "local", path: repo })).toBe("false");
    });
  });
});
