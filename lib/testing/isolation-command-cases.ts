import { statSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { SandboxError } from "../contract/errors.ts";
import {
  fileEntry,
  makeEngineFiles,
  readText,
  untilOutput,
  writeFiles,
} from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";

const PRINT_ARGUMENTS = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
const PRINT_VARIABLES = "process.stdout.write(JSON.stringify(process.env))";

export const commandCases: IsolationCases = {
  async "records the exit code beside the output, with a newline at the end"(bench) {
    const root = await bench.prepare();
    const command = await bench.start(root, ["sh", "-c", "echo out; echo err >&2; exit 7"]);
    expect(await command.exited).toEqual({ exitCode: 7 });
    expect(await readFile(join(command.directory, "exit"), "utf8")).toBe("7\n");
    expect(await readFile(join(command.directory, "stdout"), "utf8")).toBe("out\n");
    expect(await readFile(join(command.directory, "stderr"), "utf8")).toBe("err\n");
  },

  async "has the log files in place when start returns"(bench) {
    const root = await bench.prepare();
    const command = await bench.start(root, ["sleep", "60"]);
    expect(await readFile(join(command.directory, "stdout"), "utf8")).toBe("");
    expect(await readFile(join(command.directory, "stderr"), "utf8")).toBe("");
  },

  async "has the log files in place, once and for all, before the command runs"(bench) {
    const root = await bench.prepare();
    // Also those that wait ahead of time: the first command has none, a later one may.
    for (let round = 0; round < 3; round++) {
      const directory = join(bench.directory, `ready-${round}`);
      await makeEngineFiles(directory);
      const seen: { ino: number; size: number }[] = [];
      const logsReady = () => {
        seen.push(statSync(join(directory, "stdout")), statSync(join(directory, "stderr")));
      };
      const command = await bench.start(root, ["sh", "-c", "echo out; echo err >&2"], {
        directory,
        logsReady,
      });
      await command.exited;
      expect(seen.map(({ size }) => size)).toEqual([0, 0]);
      const [stdout, stderr] = [
        await stat(join(directory, "stdout")),
        await stat(join(directory, "stderr")),
      ];
      expect(seen.map(({ ino }) => ino)).toEqual([stdout.ino, stderr.ino]);
      expect([stdout.size, stderr.size]).toEqual([4, 4]);
    }
  },

  async "keeps what is in the logs already"(bench) {
    const root = await bench.prepare();
    await bench.run(root, ["true"]);
    const directory = join(bench.directory, "used");
    await makeEngineFiles(directory);
    await writeFile(join(directory, "stdout"), "before\n");
    const { stdout } = await bench.run(root, ["echo", "after"], { directory });
    expect(stdout).toBe("before\nafter\n");
  },

  async "runs nothing when the engine cannot follow it"(bench) {
    const root = await bench.prepare();
    for (let round = 0; round < 2; round++) {
      const refused = bench.start(root, ["touch", "ran"], {
        logsReady: () => {
          throw new SandboxError("storage_full", "no room");
        },
      });
      await expect(refused).rejects.toMatchObject({ code: "storage_full" });
    }
    expect((await bench.run(root, ["ls"])).stdout).toBe("");
  },

  async "passes arguments exactly, the first command's and the next's"(bench) {
    const root = await bench.prepare();
    const odd = [
      "",
      " ",
      "a b",
      "'",
      '"',
      "$HOME",
      "`id`",
      "\\",
      "\n",
      "a\nb\n",
      "é ā 漢 😀",
      "-n",
      "--",
      "*",
      "\u0081\u0088",
      "~",
    ];
    for (let round = 0; round < 3; round++) {
      const { stdout } = await bench.run(root, ["node", "-e", PRINT_ARGUMENTS, "--", ...odd]);
      expect(JSON.parse(stdout)).toEqual(odd);
    }
  },

  async "passes an argument of a hundred kilobytes"(bench) {
    const root = await bench.prepare();
    const { stdout } = await bench.run(root, [
      "sh",
      "-c",
      'printf %s "${#1}"',
      "sh",
      "x".repeat(100_000),
    ]);
    expect(stdout).toBe("100000");
  },

  async "refuses arguments that the system does not take"(bench) {
    const root = await bench.prepare();
    const started = bench.start(root, ["true", "x".repeat(3_000_000)]);
    await expect(started).rejects.toMatchObject({ code: "invalid_request" });
  },

  async "passes variables exactly, also those that no shell would"(bench) {
    const root = await bench.prepare();
    const env = {
      PLAIN: "1",
      EMPTY: "",
      LINES: "a\nb\n",
      QUOTES: `'"\`$x\\`,
      IFS: "x",
      OPTIND: "nonsense",
      PPID: "1",
      "with.dot": "2",
      "npm_config_//registry.example/:_token": "3",
      UNICODE: "é ā 漢 😀",
    };
    await bench.run(root, ["true"]);
    const { stdout } = await bench.run(root, ["node", "-e", PRINT_VARIABLES], { env });
    expect(JSON.parse(stdout)).toMatchObject(env);
  },

  async "lets a command's variables win over the backend's own"(bench) {
    const root = await bench.prepare();
    const env = { HOME: "/elsewhere", LANG: "de_DE.UTF-8" };
    const { stdout } = await bench.sh(root, 'echo "$HOME $LANG"', { env });
    expect(stdout).toBe("/elsewhere de_DE.UTF-8\n");
  },

  async "keeps the engine's own variables out"(bench) {
    const root = await bench.prepare();
    process.env["ONLY_THE_ENGINE_HAS_THIS"] = "1";
    bench.onEnd(() => void delete process.env["ONLY_THE_ENGINE_HAS_THIS"]);
    await bench.run(root, ["true"]);
    expect((await bench.run(root, ["env"])).stdout).not.toContain("ONLY_THE_ENGINE_HAS_THIS");
  },

  async "gives a command a home and a place for temporary files of the sandbox's"(bench) {
    const root = await bench.prepare();
    const line = 'echo home > "$HOME/at-home"; echo temporary > "$(dirname "$(mktemp -u)")/at-tmp"';
    await bench.sh(root, line);
    expect(await readText(root, "/vercel/at-home")).toBe("home\n");
    expect(await readText(root, "/tmp/at-tmp")).toBe("temporary\n");
  },

  async "starts in the directory that was asked for"(bench) {
    const root = await bench.prepare();
    await root.files.makeDirectory("/vercel/sandbox/a b/c", { recursive: true });
    await bench.sh(root, "echo here > file", { cwd: "/vercel/sandbox/a b/c" });
    expect(await readText(root, "/vercel/sandbox/a b/c/file")).toBe("here\n");
  },

  async "takes a whole argument under /vercel or /tmp for the sandbox's file"(bench) {
    const root = await bench.prepare();
    await writeFiles(root, fileEntry("/tmp/a", "content"));
    expect((await bench.run(root, ["cat", "/tmp/a"])).stdout).toBe("content");
    await bench.run(root, ["cp", "/tmp/a", "/vercel/sandbox/"]);
    expect(await readText(root, "/vercel/sandbox/a")).toBe("content");
  },

  async "takes back the paths that commands print"(bench) {
    const root = await bench.prepare();
    const directory = (await bench.run(root, ["pwd"])).stdout.trim();
    await writeFiles(root, fileEntry(`${directory}/x`, "there"));
    expect(await readText(root, "/vercel/sandbox/x")).toBe("there");
    expect((await bench.run(root, ["cat", `${directory}/x`], { cwd: directory })).stdout).toBe(
      "there",
    );
  },

  async "finds a program of the sandbox's by its path"(bench) {
    const root = await bench.prepare();
    await writeFiles(root, fileEntry("/vercel/sandbox/run", "#!/bin/sh\necho ran $1\n", 0o755));
    for (const cmd of ["./run", "/vercel/sandbox/run"]) {
      expect((await bench.run(root, [cmd, "it"])).stdout).toBe("ran it\n");
    }
  },

  async "says executable_not_found before anything ran"(bench) {
    const root = await bench.prepare();
    await writeFiles(root, fileEntry("/vercel/sandbox/plain", "text"));
    for (const cmd of ["no-such-program", "./missing", "./plain", "echo hello", "/vercel", "-x"]) {
      await expect(bench.start(root, [cmd])).rejects.toMatchObject({
        code: "executable_not_found",
      });
    }
  },

  async "says directory_not_found before anything ran"(bench) {
    const root = await bench.prepare();
    await writeFiles(root, fileEntry("/vercel/sandbox/plain", "text"));
    for (const cwd of ["/vercel/sandbox/missing", "/vercel/sandbox/plain"]) {
      await expect(bench.start(root, ["true"], { cwd })).rejects.toMatchObject({
        code: "directory_not_found",
      });
    }
  },

  async "gives a command an empty stdin unless it is asked for"(bench) {
    const root = await bench.prepare();
    expect(await bench.run(root, ["cat"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  },

  async "feeds stdin, byte for byte, and ends it"(bench) {
    const root = await bench.prepare();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    const command = await bench.start(root, ["cat"], { stdin: true });
    command.stdin?.end(bytes);
    expect(await command.exited).toEqual({ exitCode: 0 });
    expect((await readFile(join(command.directory, "stdout"))).equals(bytes)).toBe(true);
  },

  async "outlives a write to the stdin of a command that has ended"(bench) {
    const root = await bench.prepare();
    const command = await bench.start(root, ["true"], { stdin: true });
    await command.exited;
    const failed = await new Promise((resolve) => command.stdin?.write("late", resolve));
    expect(failed).toBeInstanceOf(Error);
  },

  async "reports the end of the command itself, whatever it left in the background"(bench) {
    const root = await bench.prepare();
    const command = await bench.start(root, ["sh", "-c", "sleep 60 & echo done"]);
    expect(await command.exited).toEqual({ exitCode: 0 });
  },

  async "runs fifty commands at once, each with its own output and code"(bench) {
    const root = await bench.prepare();
    const lines = Array.from({ length: 50 }, (_, index) => `echo ${index}; exit ${index}`);
    const results = await Promise.all(lines.map((line) => bench.sh(root, line)));
    expect(results).toEqual(
      lines.map((_, index) => ({ exitCode: index, stdout: `${index}\n`, stderr: "" })),
    );
  },

  async "counts the processor time of commands that ended and of one that runs"(bench) {
    const root = await bench.prepare();
    const burn =
      "const end = process.cpuUsage().user + 200_000; while (process.cpuUsage().user < end);";
    await bench.run(root, ["node", "-e", burn]);
    const ended = await root.usage();
    expect(ended.cpuMs).toBeGreaterThanOrEqual(200);
    const script = `${burn} console.log("burnt"); setInterval(() => {}, 1e6)`;
    const command = await bench.start(root, ["node", "-e", script]);
    await untilOutput(command.directory, "burnt\n");
    expect((await root.usage()).cpuMs).toBeGreaterThanOrEqual(ended.cpuMs + 200);
  },

  async "gives back the blocks of a log's beginning and keeps the rest in place"(bench) {
    const root = await bench.prepare();
    const command = await bench.start(root, [
      "sh",
      "-c",
      "head -c 1000000 /dev/zero | tr '\\0' x; printf end",
    ]);
    await command.exited;
    const file = join(command.directory, "stdout");
    if (await bench.isolation.discardPrefix(file, 500_000)) {
      const left = await readFile(file, "latin1");
      expect(left.length).toBe(1_000_003);
      expect(left.slice(0, 500_000)).toBe("\0".repeat(500_000));
      expect(left.slice(500_000)).toBe(`${"x".repeat(500_000)}end`);
    }
    expect(await bench.isolation.discardPrefix(join(command.directory, "missing"), 1)).toBe(false);
  },
};
