import { type Sandbox as SandboxClass, SandboxUser, SandboxUserAlreadyExistsError } from "sandlot";
import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { ISOLATION } from "./isolation.ts";
import { proves } from "./proves.ts";

type Sandbox = Awaited<ReturnType<typeof SandboxClass.create>>;

async function asRoot(sandbox: Sandbox, script: string): Promise<string> {
  const result = await sandbox.runCommand({ cmd: "sh", args: ["-c", script], sudo: true });
  return (await result.stdout()).trim();
}

forEachTransport((connection) => {
  describe("users", () => {
    proves("USR-001")("become root by sudo", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand({ cmd: "env", sudo: true, env: { FOO: "bar" } });
      const lines = (await result.stdout()).split("\n");
      expect(lines).toContain("FOO=bar");
      expect(lines).toContain("USER=root");
      expect(lines.find((line) => line.startsWith("SUDO_USER="))).toBeDefined();
      expect(lines.find((line) => line.startsWith("PATH="))).toMatch(/[=:]\/usr\/local\/bin(:|$)/);
      expect(await asRoot(sandbox, "id -u")).toBe("0");
    });

    // Holds with every isolation: either sudo works, or the answer says why it does not.
    proves("USR-002")("are told why there is no sudo", async () => {
      await using sandbox = await connection().create();
      const call = sandbox.runCommand({ cmd: "id", args: ["-u"], sudo: true });
      if (ISOLATION === "namespaces") {
        expect(await (await call).stdout()).toBe("0\n");
        return;
      }
      const refused = await rejection(call);
      expect(refused).toMatchObject({
        response: { status: 400 },
        json: { error: { code: "unsupported" } },
      });
      expect(refused.message).toMatch(/sudo|root|users?/i);
      expect(refused.message).toMatch(/process/);
    });

    proves("USR-003")("have a default one with a name and a group", async () => {
      await using sandbox = await connection().create();
      const user = await sandbox.getDefaultUser();
      expect(user.username).toMatch(/^[a-z_][\w-]*$/);
      expect(user.group).toMatch(/^[a-z_][\w-]*$/);
    });

    proves("USR-006", "USR-018")("have names that are checked before any request", async () => {
      await using sandbox = await connection().create();
      for (const name of ["Alice", "with space", "", "a".repeat(33), "x; id", "$(id)"]) {
        expect(() => sandbox.asUser(name)).toThrow(/[Ii]nvalid/);
        await expect(sandbox.createUser(name)).rejects.toThrow(/[Ii]nvalid/);
        await expect(sandbox.createGroup(name)).rejects.toThrow(/[Ii]nvalid/);
      }
      expect(sandbox.asUser("alice").homeDir).toBe("/home/alice");
      expect(sandbox.asUser("root").homeDir).toBe("/root");
    });

    proves("USR-004")("are made with a home", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      expect(alice).toBeInstanceOf(SandboxUser);
      const { group } = await sandbox.getDefaultUser();
      expect(await asRoot(sandbox, "stat -c '%a %U:%G %F' /home/alice")).toBe(
        `770 alice:${group} directory`,
      );
    });

    proves("USR-005")("are not made twice", async () => {
      await using sandbox = await connection().create();
      await sandbox.createUser("alice");
      const refused = await rejection(sandbox.createUser("alice"));
      expect(refused).toBeInstanceOf(SandboxUserAlreadyExistsError);
      expect(refused).toMatchObject({ username: "alice" });
    });

    proves("USR-007")("run commands as themselves, at home", async () => {
      await using sandbox = await connection().create();
      for (const name of ["alice", "bob"]) {
        const user = await sandbox.createUser(name);
        expect(await (await user.runCommand("whoami")).stdout()).toBe(`${name}\n`);
        expect(await (await user.runCommand("id")).stdout()).toContain(`(${name})`);
        expect(await (await user.runCommand("pwd")).stdout()).toBe(`/home/${name}\n`);
      }
    });

    proves("USR-008")("take variables and a directory", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      const result = await alice.runCommand({
        cmd: "sh",
        args: ["-c", 'echo "$A $B $(pwd)"'],
        cwd: "/tmp",
        env: { A: "1", B: "two words" },
      });
      expect(await result.stdout()).toBe("1 two words /tmp\n");
    });

    proves("USR-009")("are root by sudo", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      const result = await alice.runCommand({ cmd: "whoami", sudo: true });
      expect(await result.stdout()).toBe("root\n");
    });

    proves("USR-010")("have commands that can be killed", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      const command = await alice.runCommand({ cmd: "sleep", args: ["600"], detached: true });
      await command.kill();
      expect((await command.wait()).exitCode).not.toBe(0);
    });

    proves("USR-011")("own their files", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      await alice.writeFiles([
        { path: "open.txt", content: "open" },
        { path: "sub/private.txt", content: "private", mode: 0o600 },
        { path: "/tmp/absolute.txt", content: "absolute" },
      ]);
      expect(await asRoot(sandbox, "cd /home/alice; stat -c %U:%G open.txt sub/private.txt")).toBe(
        "alice:alice\nalice:alice",
      );
      expect(await asRoot(sandbox, "stat -c %U /tmp/absolute.txt")).toBe("alice");
      expect(String(await alice.readFileToBuffer({ path: "sub/private.txt" }))).toBe("private");
      await alice.runCommand("sh", ["-c", "echo made > made.txt"]);
      expect(String(await alice.readFileToBuffer({ path: "made.txt" }))).toBe("made\n");
      expect(await alice.readFileToBuffer({ path: "missing.txt" })).toBeNull();
    });

    proves("USR-012")("own their directories", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      await alice.mkDir("projects");
      const { group } = await sandbox.getDefaultUser();
      expect(await asRoot(sandbox, "stat -c '%U:%G %a' /home/alice/projects")).toBe(
        `alice:${group} 770`,
      );
      await alice.writeFiles([{ path: "projects/app.js", content: "ok" }]);
      expect(String(await alice.readFileToBuffer({ path: "projects/app.js" }))).toBe("ok");
    });

    proves("USR-013")("keep others out of their home", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      const bob = await sandbox.createUser("bob");
      await alice.writeFiles([{ path: "run.sh", content: "#!/bin/sh\necho ran\n", mode: 0o755 }]);
      for (const [cmd, ...args] of [
        ["cat", "/home/alice/run.sh"],
        ["ls", "/home/alice"],
        ["touch", "/home/alice/by-bob"],
        ["/home/alice/run.sh"],
      ] as const) {
        const result = await bob.runCommand(cmd, args);
        expect(result.exitCode, cmd).not.toBe(0);
        expect(await result.stderr()).toContain("Permission denied");
      }
      const found = await sandbox.readFileToBuffer({ path: "/home/alice/run.sh" });
      expect(String(found)).toContain("echo ran");
    });

    proves("USR-014")("have groups with a shared directory", async () => {
      await using sandbox = await connection().create();
      expect(await sandbox.createGroup("devs")).toEqual({
        groupname: "devs",
        sharedDir: "/shared/devs",
      });
      const { username } = await sandbox.getDefaultUser();
      expect(await asRoot(sandbox, "stat -c '%a %U:%G' /shared/devs")).toBe(
        `2770 ${username}:devs`,
      );
    });

    proves("USR-015")("share by their groups", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      const bob = await sandbox.createUser("bob");
      await sandbox.createGroup("devs");
      await sandbox.createGroup("ops");
      await sandbox.addUserToGroup("alice", "devs");
      const write = await alice.runCommand("sh", ["-c", "echo shared > /shared/devs/note.txt"]);
      expect(write.exitCode).toBe(0);
      expect(await asRoot(sandbox, "stat -c %G /shared/devs/note.txt")).toBe("devs");
      expect((await alice.runCommand("touch", ["/shared/ops/x"])).exitCode).not.toBe(0);
      expect((await bob.runCommand("cat", ["/shared/devs/note.txt"])).exitCode).not.toBe(0);
      await bob.addToGroup("devs");
      const read = await bob.runCommand("cat", ["/shared/devs/note.txt"]);
      expect(await read.stdout()).toBe("shared\n");
      await bob.removeFromGroup("devs");
      expect((await bob.runCommand("ls", ["/shared/devs"])).exitCode).not.toBe(0);
    });

    proves("USR-016")("cannot signal each other's processes", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      const bob = await sandbox.createUser("bob");
      const command = await alice.runCommand({ cmd: "sleep", args: ["9001"], detached: true });
      const pid = await asRoot(sandbox, "until pgrep -u alice -x sleep; do sleep 0.02; done");
      expect((await bob.runCommand("kill", ["-9", pid])).exitCode).not.toBe(0);
      await command.kill("SIGKILL");
    });

    proves("USR-017")("have no sudo of their own", async () => {
      await using sandbox = await connection().create();
      const alice = await sandbox.createUser("alice");
      const attempt = await alice.runCommand("sudo", ["-n", "whoami"]);
      expect(attempt.exitCode).not.toBe(0);
    });
  });
});
