import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { childrenOf } from "../../backends/isolation/process-table.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { SYSTEM_CALLS } from "./system-calls.ts";

/** Every Debian has it. */
const PERL = "/usr/bin/perl";

/** One for all of a run, so that servers can be shared. */
export const SECRET = `secret-${randomBytes(12).toString("hex")}`;

/** Something that everybody on the host may use, and nobody in a sandbox: a secret in several places, and things to hurt. */
export class Outside implements AsyncDisposable {
  readonly secret = SECRET;
  readonly #name = randomBytes(6).toString("hex");
  readonly directory: string;
  readonly #cleanup = new Cleanup();
  readonly #variables: Record<string, string> = {};
  #victim: ChildProcess | undefined;
  #sufferer = 0;
  #before = "";

  /** `enter` begins the command line by which a program gets to where the victim is to be. */
  static async make({ enter = [] }: { enter?: readonly string[] } = {}): Promise<Outside> {
    const directory = await temporaryDirectory();
    const outside = new Outside(directory.path);
    outside.#cleanup.add(() => directory[Symbol.asyncDispose]());
    try {
      outside.#makeFiles();
      await outside.#makeVictim(enter);
      await outside.#listen();
      return outside;
    } catch (error) {
      await outside[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** What a program is told, so that it knows where to go. The secret is not among it. */
  get variables(): Readonly<Record<string, string>> {
    return { ...SYSTEM_CALLS, ...this.#variables };
  }

  /** Tells programs more. */
  tell(variables: Record<string, string>): void {
    Object.assign(this.#variables, variables);
  }

  get secretFile(): string {
    return join(this.directory, "secret");
  }

  /** Everybody may write here. */
  get openDirectory(): string {
    return join(this.directory, "open");
  }

  get victimPid(): number {
    return this.#victim?.pid ?? 0;
  }

  /** Whether a file outside was made or changed. */
  hasMark(): boolean {
    const names = readdirSync(this.openDirectory);
    return (
      names.join() !== "there" ||
      readFileSync(join(this.openDirectory, "there"), "utf8") !== "untouched" ||
      statSync(join(this.openDirectory, "there")).nlink !== 1
    );
  }

  /** Whether the process outside is not as it was. */
  isVictimHurt(): boolean {
    return this.#victimState() !== this.#before;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }

  #makeFiles(): void {
    const { directory, secret, secretFile, openDirectory } = this;
    chmodSync(directory, 0o755);
    writeFileSync(secretFile, `${secret}\n`);
    mkdirSync(openDirectory);
    writeFileSync(join(openDirectory, "there"), "untouched");
    // What keeps the sandbox from it must not be whose it is.
    chmodSync(openDirectory, 0o777);
    chmodSync(join(openDirectory, "there"), 0o666);
    const { dev } = statSync(secretFile);
    this.tell({
      SECRET_FILE: secretFile,
      OPEN_DIRECTORY: openDirectory,
      DEVICE_MAJOR: String((dev >> 8) & 0xfff),
      DEVICE_MINOR: String((dev & 0xff) | ((dev >> 12) & 0xfff00)),
      SECRET_HANDLE: handleOf(secretFile),
    });
    this.#shareMemory();
  }

  #shareMemory(): void {
    const file = `/dev/shm/${this.#name}-of-the-host`;
    writeFileSync(file, `${this.secret}\n`, { mode: 0o644 });
    this.#cleanup.add(() => rmSync(file, { force: true }));
    const key = String(randomBytes(3).readUIntBE(0, 3) + 1);
    this.tell({ SHARED_KEY: key });
    const share = (program: string) =>
      spawnSync(PERL, ["-e", program, key, this.secret], { env: { PATH: "/usr/bin:/bin" } });
    share("my $id = shmget($ARGV[0], 64, 01666); shmwrite($id, $ARGV[1], 0, 64)");
    this.#cleanup.add(() => void share("my $id = shmget($ARGV[0], 0, 0); shmctl($id, 0, 0)"));
  }

  async #makeVictim(enter: readonly string[]): Promise<void> {
    const file = openSync(this.secretFile, "r");
    const stdio = [
      "ignore",
      "pipe",
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      file,
    ] as const;
    const line = [...enter, "sh", "-c", "echo up; exec sleep 600"];
    const victim = spawn(line[0]!, line.slice(1), {
      detached: true,
      env: { PATH: "/usr/bin:/bin", OF_THE_VICTIM: this.secret },
      stdio: [...stdio],
    });
    closeSync(file);
    this.#victim = victim;
    this.#cleanup.add(() => void victim.kill("SIGKILL"));
    await once(victim.stdout!, "data");
    // What leads into other namespaces waits for the one that it has started there.
    this.#sufferer = childrenOf(victim.pid!)[0] ?? victim.pid!;
    this.#before = this.#victimState();
    this.tell({ VICTIM: String(victim.pid) });
  }

  #victimState(): string {
    const about = (name: string) => readFileSync(`/proc/${this.#sufferer}/${name}`, "latin1");
    try {
      const status = about("status");
      const stat = about("stat").split(") ")[1]!.split(" ");
      const told = status.match(/^(TracerPid|SigPnd|ShdPnd):.*$/gm)?.join(" ");
      const stopped = /^State:\s+[TtZ]/m.test(status);
      // A first process that was ended has no memory any more while it waits for all others of its namespace.
      const isEnding = about("statm").startsWith("0 ");
      const settings = [stat[16], about("limits"), about("oom_score_adj")];
      return JSON.stringify([told, stopped, isEnding, ...settings]);
    } catch {
      return "ended";
    }
  }

  async #listen(): Promise<void> {
    const abstract = `\0${this.#name}-abstract`;
    const path = join(this.directory, "socket");
    const tcp = await this.#serve((server) => server.listen(0, "::"));
    await this.#serve((server) => server.listen(abstract));
    await this.#serve((server) => server.listen(path));
    chmodSync(path, 0o777);
    const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    const own = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
    this.tell({
      TCP_PORT: String((tcp.address() as AddressInfo).port),
      ABSTRACT: abstract.slice(1),
      SOCKET: path,
      HOST_ADDRESS: own?.address ?? "127.0.0.2",
    });
  }

  async #serve(listen: (server: Server) => void): Promise<Server> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.end(`${this.secret}\n`);
    });
    listen(server);
    await once(server, "listening");
    this.#cleanup.add(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return server;
  }
}

// Node has no call for a file's handle, by which it can be opened without a name.
function handleOf(path: string): string {
  const program =
    'my $p = $ARGV[0]; my $h = pack("Ii", 128, 0) . ("\\0" x 128); my $m = pack("i", 0); ' +
    'syscall($ENV{NR_name_to_handle_at}, -100, $p, $h, $m, 0) == 0 or exit 1; print unpack("H*", $h)';
  const { stdout } = spawnSync(PERL, ["-e", program, path], {
    env: { ...SYSTEM_CALLS, PATH: "/usr/bin:/bin" },
    encoding: "utf8",
  });
  return stdout;
}
