import { type ChildProcess, fork } from "node:child_process";
import { SandboxError } from "../../../../contract/errors.ts";
import type { FileMaker, NewName } from "../../file-tree-port.ts";
import { siblingProgram } from "../network/sibling-program.ts";
import { MakeQueue } from "./make-queue.ts";
import { MakeAnswer, type MakeRequest, type NewThing } from "./maker-message.ts";

type Waiting = PromiseWithResolvers<(Error | undefined)[]>;
type Identity = Pick<MakeRequest, "uid" | "gid" | "groups">;

/** The process that makes files for all sandboxes of a root engine. It is started when it is first needed. */
export class MakerProcess implements Disposable {
  #child: ChildProcess | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** Files will belong to whom `identity` tells each time. */
  makerFor(identity: () => Identity): FileMaker {
    const queue = new MakeQueue(async (things) => this.#ask(things, identity()));
    return {
      makeFile: (name, { mode, content }) => queue.make({ ...placeOf(name), mode, content }),
      makeDirectory: (name, mode) => queue.make({ ...placeOf(name), mode }),
      rename: (from, to) => queue.make({ ...placeOf(to), mode: 0, from: placeOf(from) }),
    };
  }

  [Symbol.dispose](): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }

  async #ask(things: NewThing[], identity: Identity): Promise<(Error | undefined)[]> {
    const waiting: Waiting = Promise.withResolvers();
    const id = ++this.#lastId;
    this.#waiting.set(id, waiting);
    const child = (this.#child ??= this.#start());
    // What it is waited for keeps this process alive.
    child.channel?.ref();
    child.send({ id, things, ...identity } satisfies MakeRequest, (error) => {
      if (error) this.#settle(id, gone(error));
    });
    return waiting.promise;
  }

  #start(): ChildProcess {
    const child = fork(siblingProgram(import.meta.url, "maker-agent"), {
      env: {},
      execArgv: [],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.unref();
    child.on("message", (message) => {
      const { id, codes } = MakeAnswer.parse(message);
      this.#settle(
        id,
        codes.map((code) => (code === null ? undefined : Object.assign(new Error(code), { code }))),
      );
    });
    child.once("error", (error) => this.#lose(child, error));
    child.once("exit", () => this.#lose(child));
    return child;
  }

  #settle(id: number, result: (Error | undefined)[] | Error): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (result instanceof Error) waiting?.reject(result);
    else waiting?.resolve(result);
    if (this.#waiting.size === 0) this.#child?.channel?.unref();
  }

  // The next request starts another.
  #lose(child: ChildProcess, cause?: Error): void {
    if (this.#child === child) this.#child = undefined;
    for (const id of this.#waiting.keys()) this.#settle(id, gone(cause));
  }
}

function placeOf({ directory, name }: NewName): Pick<NewThing, "directoryFd" | "name"> {
  return { directoryFd: Number(/^\/proc\/self\/fd\/(\d+)$/.exec(directory)?.[1]), name };
}

function gone(cause: unknown): SandboxError {
  return new SandboxError("internal", "The process that makes files for sandboxes has ended.", {
    cause,
  });
}
