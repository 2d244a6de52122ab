import { expect } from "vitest";
import { SANDBOX_USERS, SandboxUser } from "../contract/sandbox-user.ts";
import { readText, untilOutput } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";

/** Who commands run as, and where they are at home. */
export const userCases: IsolationCases = {
  async "knows the default user by the name that was asked for, with its home and its directory"(
    bench,
  ) {
    for (const user of SandboxUser.options) {
      const { home, cwd } = SANDBOX_USERS[user];
      const root = await bench.prepare({ user, home, cwd });
      const line = 'echo "$HOME" > home; pwd > "$HOME/directory"';
      expect(await bench.sh(root, line, { cwd })).toMatchObject({ exitCode: 0, stderr: "" });
      // With paths of the host's, these end as the sandbox's do.
      expect((await readText(root, `${cwd}/home`)).trim()).toMatch(new RegExp(`${home}$`));
      expect((await readText(root, `${home}/directory`)).trim()).toMatch(new RegExp(`${cwd}$`));
      if (bench.isolation.name === "process") continue;
      const { stdout } = await bench.sh(
        root,
        'id -un; id -gn; id -u; echo "$USER $LOGNAME"; ls -ld . | cut -d" " -f3,4; sudo id -u; sudo sh -c \'echo "$SUDO_USER"\'',
        { cwd },
      );
      const names = `${user} ${user}`;
      expect(stdout).toBe(`${user}\n${user}\n1000\n${names}\n${names}\n0\n${user}\n`);
    }
  },

  async "tells a command's number as it knows it itself"(bench) {
    const root = await bench.prepare();
    for (const options of [{}, { stdin: true }]) {
      const line = "echo $$; while [ ! -e end ]; do sleep 0.02; done; rm end";
      const running = await bench.start(root, ["sh", "-c", line], options);
      const pid = await running.findPid();
      expect(await untilOutput(running.directory, `${pid}\n`)).toBe(`${pid}\n`);
      await bench.sh(root, "touch end");
      expect(await running.exited).toEqual({ exitCode: 0 });
    }
  },

  async "has the homes of all its names in every sandbox, and takes a command's user by any"(
    bench,
  ) {
    const root = await bench.prepare();
    for (const user of SandboxUser.options) {
      const { home } = SANDBOX_USERS[user];
      const line = 'echo "$0" > "$HOME/mine"; touch ~/.profile && test -w "$HOME"';
      const ran = await bench.run(root, ["sh", "-c", line, user], { user });
      expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
      expect(await readText(root, `${home}/mine`)).toBe(`${user}\n`);
    }
    if (bench.isolation.name === "process") return;
    const { stdout } = await bench.sh(root, 'id -u; echo "$USER"; sudo -u daytona id -u', {
      user: "daytona",
    });
    expect(stdout).toBe("1000\ndaytona\n1000\n");
  },

  async "runs a command as a user that was made in the sandbox, who has no more rights than that, or says why not"(
    bench,
  ) {
    const root = await bench.prepare();
    const refusal = (code: string) => expect.objectContaining({ code });
    if (bench.isolation.name === "process") {
      const running = bench.sh(root, "true", { user: "guest" });
      await expect(running).rejects.toEqual(refusal("unsupported"));
      return;
    }
    await expect(bench.sh(root, "true", { user: "guest" })).rejects.toEqual(
      refusal("invalid_request"),
    );
    const account = "guest:x:1234:1234::/srv/guest:/bin/sh";
    const made = `mkdir -p /srv/guest; echo '${account}' >> /etc/passwd; echo guest:x:1234: >> /etc/group`;
    expect(await bench.sh(root, made, { sudo: true })).toMatchObject({ exitCode: 0 });
    const line =
      'id -u; echo "$USER $HOME $SHELL"; sudo -n true 2>/dev/null || echo no; cat /etc/shadow 2>/dev/null || echo no; setpriv --reuid 0 true 2>/dev/null || echo no';
    const running = bench.sh(root, line, { user: "guest" });
    if (bench.isolation.features.users.offered) {
      expect((await running).stdout).toBe("1234\nguest /srv/guest /bin/sh\nno\nno\nno\n");
    } else await expect(running).rejects.toEqual(refusal("unsupported"));
  },

  async "takes what the sandbox's root wrote about users for no more than the sandbox's root's"(
    bench,
  ) {
    const root = await bench.prepare();
    const lines = [
      "toor:x:0:0::/root:/bin/sh",
      "wide:x:4294967295:0::/:/bin/sh",
      "sly:x:-1:0::/:/bin/sh",
      "odd:x:1000:1000::no-path:relative",
    ];
    await bench.sh(
      root,
      `printf '%s\\n' ${lines.map((each) => `'${each}'`).join(" ")} >> /etc/passwd`,
      {
        sudo: true,
      },
    );
    for (const user of ["wide", "sly"]) {
      await expect(bench.sh(root, "true", { user })).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    const seen = await bench.sh(root, 'id -u; echo "$HOME"; cat /proc/self/uid_map | wc -l', {
      user: "toor",
    });
    expect(seen.stdout).toBe("0\n/root\n1\n");
    const { stdout } = await bench.sh(root, 'id -u; echo "$HOME $SHELL"', { user: "odd" });
    expect(stdout).toBe("1000\n/ /bin/bash\n");
  },
};
