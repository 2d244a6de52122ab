import { randomInt } from "node:crypto";
import { Sandbox } from "sandlot";
import type { Connection } from "../harness.ts";
import { brief, copied, explain, type Known, pick, unlessNotFound } from "./crash-knowledge.ts";

/** What the actors share: how often the daemon was killed, and what must not have happened. */
export interface CrashScene {
  /** Grows with each kill; a call during which it did not has no excuse to fail. */
  kills(): number;
  call: Connection["call"];
  fault(message: string): void;
}

const PORT = 3_000;
/** Few enough for a machine of two processors. */
const MOST_SANDBOXES = 3;

/**
 * Somebody who makes, uses, snapshots, forks, stops and deletes sandboxes while the daemon dies under
 * him again and again, and remembers what was acknowledged.
 */
export class CrashActor {
  readonly #scene: CrashScene;
  readonly #prefix: string;
  readonly #sandboxes = new Map<string, Known>();
  readonly #snapshots: { id: string; files: Known["files"] }[] = [];
  /** What the actor did, by kind: acknowledged and cut off. */
  readonly done: Record<string, { acknowledged: number; cutOff: number }> = {};
  #count = 0;

  constructor(scene: CrashScene, prefix: string) {
    this.#scene = scene;
    this.#prefix = prefix;
  }

  /** One thing, chosen at random. Never rejects: what should not be is told to the scene. */
  async act(): Promise<void> {
    const known = pick([...this.#sandboxes.values()].filter(({ exists }) => exists === "yes"));
    if (!known || (this.#sandboxes.size < MOST_SANDBOXES && randomInt(4) === 0)) {
      const snapshot = randomInt(2) === 0 ? pick(this.#snapshots) : undefined;
      await this.#create(snapshot);
      return;
    }
    const deeds = {
      write: () => this.#write(known),
      command: () => this.#command(known),
      read: () => this.#read(known),
      stop: () => this.#stop(known),
      snapshot: () => this.#snapshot(known),
      fork: () => this.#fork(known),
      remove: () => this.#remove(known),
    };
    const kinds = [
      "write",
      "write",
      "command",
      "command",
      "read",
      "stop",
      "snapshot",
      "fork",
      "remove",
    ] as const;
    await deeds[pick(kinds) ?? "read"]();
  }

  /** Looks at everything that was ever acknowledged. */
  async verify(): Promise<void> {
    for (const known of this.#sandboxes.values()) {
      await this.#settle(known);
      await this.#read(known);
      await this.#checkCommands(known);
    }
    for (const { id, files } of this.#snapshots) {
      const name = this.#newName();
      await this.#do("restore", async () => {
        const sandbox = await Sandbox.create({
          name,
          source: { type: "snapshot", snapshotId: id },
        });
        await this.#checkFiles(sandbox, files, `what was restored from ${id}`);
        await sandbox.delete();
      });
    }
  }

  /** Every name that may be found when sandboxes are listed. */
  get names(): string[] {
    return [...this.#sandboxes.keys()];
  }

  async #create(snapshot: { id: string; files: Known["files"] } | undefined): Promise<void> {
    const name = this.#newName();
    const known = this.#expect(name, snapshot?.files ?? new Map());
    await this.#do("create", async () => {
      const made = { name, ports: [PORT] };
      await (snapshot
        ? Sandbox.create({ ...made, source: { type: "snapshot", snapshotId: snapshot.id } })
        : Sandbox.create(made));
      known.exists = "yes";
    });
    await this.#settle(known);
  }

  async #fork(source: Known): Promise<void> {
    const known = this.#expect(this.#newName(), source.files);
    await this.#do("fork", async () => {
      // A fork starts from the snapshot of the last stop, which a running sandbox has left behind.
      await (await this.#find(source)).stop();
      await Sandbox.fork({ sourceSandbox: source.name, name: known.name });
      known.exists = "yes";
    });
    await this.#settle(known);
  }

  async #write(known: Known): Promise<void> {
    const [path, content] = [
      `file-${randomInt(4)}`,
      `${this.#count++}`.repeat(1 + randomInt(3_000)),
    ];
    const { acknowledged, cutOff } = known.files.get(path) ?? { acknowledged: null, cutOff: [] };
    known.files.set(path, { acknowledged, cutOff: [...cutOff, content] });
    await this.#do("write", async () => {
      await (await this.#find(known)).writeFiles([{ path, content }]);
      known.files.set(path, { acknowledged: content, cutOff: [] });
    });
  }

  async #command(known: Known): Promise<void> {
    const [path, exitCode] = [`command-${this.#count++}`, randomInt(100)];
    // Nothing else writes to it: a command that was cut off may still be about to.
    known.files.set(path, { acknowledged: null, cutOff: [path] });
    await this.#do("command", async () => {
      const sandbox = await this.#find(known);
      const line = `printf ${path} > ${path}; sleep 0.0${randomInt(10)}; echo ${path}; exit ${exitCode}`;
      const command = await sandbox.runCommand({ cmd: "sh", args: ["-c", line], detached: true });
      const { cmdId: id } = command;
      const { sessionId } = sandbox.currentSession();
      // From here on the daemon may die as often as it likes.
      const finished = await this.#insist(async () => (await sandbox.getCommand(id)).wait());
      known.commands.push({ id, sessionId, exitCode, output: `${path}\n` });
      known.files.set(path, { acknowledged: path, cutOff: [] });
      if (finished.exitCode !== exitCode) {
        this.#scene.fault(`command ${id} of ${known.name}: ${finished.exitCode} for ${exitCode}`);
      }
    });
  }

  async #stop(known: Known): Promise<void> {
    await this.#do("stop", async () => void (await (await this.#find(known)).stop()));
  }

  async #snapshot(known: Known): Promise<void> {
    await this.#do("snapshot", async () => {
      const { snapshotId } = await (await this.#find(known)).snapshot();
      this.#snapshots.push({ id: snapshotId, files: copied(known.files) });
    });
  }

  async #remove(known: Known): Promise<void> {
    known.exists = "maybe";
    await this.#do("delete", async () => {
      await (await this.#find(known)).delete();
      this.#sandboxes.delete(known.name);
      const found = await Sandbox.get({ name: known.name }).catch(unlessNotFound);
      if (found) this.#scene.fault(`${known.name} was deleted and is there`);
    });
    await this.#settle(known);
  }

  async #read(known: Known): Promise<void> {
    if (known.exists === "maybe") return;
    await this.#do("read", async () => {
      const sandbox = await this.#find(known);
      await this.#checkFiles(sandbox, known.files, known.name);
    });
  }

  async #checkFiles(sandbox: Sandbox, files: Known["files"], what: string): Promise<void> {
    for (const [path, { acknowledged, cutOff }] of files) {
      const found = await sandbox.readFileToBuffer({ path });
      const text = found === null ? null : String(found);
      if (text === acknowledged) continue;
      if (text !== null && cutOff.some((content) => content.startsWith(text))) continue;
      const wanted = [acknowledged, ...cutOff].map(brief).join(" or a part of ");
      this.#scene.fault(`${what}: ${path} holds ${brief(text)}, not ${wanted}`);
    }
  }

  async #checkCommands(known: Known): Promise<void> {
    if (known.exists === "maybe") return;
    for (const { id, sessionId, exitCode, output } of known.commands) {
      await this.#do("recall", async () => {
        // The SDK asks the current session only.
        const path = `/v2/sandboxes/sessions/${sessionId}/cmd/${id}`;
        const { command } = (await this.#ask(path)) as { command: { exitCode: number | null } };
        const log = (await this.#ask(`${path}/logs`)) as { data: string };
        if (command.exitCode === exitCode && log.data === output) return;
        const told = JSON.stringify({ exitCode: command.exitCode, log });
        this.#scene.fault(`command ${id} of ${known.name} is remembered as ${told}`);
      });
    }
  }

  async #ask(path: string): Promise<unknown> {
    const response = await this.#scene.call(path);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return JSON.parse(text);
  }

  /** Finds out whether a sandbox of which nobody knows is there. */
  async #settle(known: Known): Promise<void> {
    if (known.exists === "yes") return;
    const found = await this.#insist(() => Sandbox.get({ name: known.name }).catch(unlessNotFound));
    if (found) known.exists = "yes";
    else this.#sandboxes.delete(known.name);
  }

  async #find(known: Known): Promise<Sandbox> {
    const found = await Sandbox.get({ name: known.name }).catch(unlessNotFound);
    if (found) return found;
    this.#scene.fault(`${known.name} was acknowledged and is gone`);
    this.#sandboxes.delete(known.name);
    throw new Error(`${known.name} is gone`);
  }

  /** A failure without a kill is a fault. */
  async #do(kind: string, deed: () => Promise<void>): Promise<void> {
    const tally = (this.done[kind] ??= { acknowledged: 0, cutOff: 0 });
    const before = this.#scene.kills();
    try {
      await deed();
      tally.acknowledged++;
    } catch (error) {
      tally.cutOff++;
      if (this.#scene.kills() === before) this.#scene.fault(`${kind} failed: ${explain(error)}`);
    }
  }

  /** Asks again for as long as it is a kill that cuts it off. */
  async #insist<T>(ask: () => Promise<T>): Promise<T> {
    while (true) {
      const before = this.#scene.kills();
      try {
        return await ask();
      } catch (error) {
        if (this.#scene.kills() === before) throw error;
      }
    }
  }

  #expect(name: string, files: Known["files"]): Known {
    const known: Known = { name, exists: "maybe", files: copied(files), commands: [] };
    this.#sandboxes.set(name, known);
    return known;
  }

  #newName(): string {
    return `${this.#prefix}-${this.#count++}`;
  }
}
