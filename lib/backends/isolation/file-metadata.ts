import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { SandboxError } from "../../contract/errors.ts";
import type { FileMetadata } from "../../contract/file.ts";
import { sealed } from "./inherited-descriptors.ts";
import { metadataScript } from "./metadata-script.ts";
import type { OpenNode } from "./open-node.ts";
import { processFault, systemCode } from "./process-faults.ts";

const { ENODATA, ENOSPC, E2BIG, EDQUOT, EOPNOTSUPP, EPERM } = constants.errno;

type Waiting = PromiseWithResolvers<string[]>;

/**
 * The words that files bear beside their content, kept as extended attributes `user.e2b.*`. Node has no such thing:
 * a program beside it does the work for all sandboxes, and is started when it is first needed.
 */
export class MetadataProcess implements Disposable {
  #child: ChildProcess | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** Empty for what can bear none. */
  async read(node: OpenNode): Promise<FileMetadata> {
    if (!node.stats.isFile() && !node.stats.isDirectory()) return {};
    const [error, ...words] = await this.#ask("get", node, []);
    // Neither is a failure: a file system without attributes has files without.
    if (Number(error) === EOPNOTSUPP || Number(error) === ENODATA) return {};
    if (Number(error) !== 0) throw faultOf(Number(error));
    const texts = words.map((word) => Buffer.from(word, "hex").toString("utf8"));
    const pairs = texts.flatMap((key, at) => (at % 2 === 0 ? [[key, texts[at + 1] ?? ""]] : []));
    return Object.fromEntries(pairs) as FileMetadata;
  }

  /** Replaces all of it. */
  async write(node: OpenNode, metadata: FileMetadata): Promise<void> {
    const words = Object.entries(metadata).flat();
    const [error] = await this.#ask("set", node, words);
    // Where nothing is kept nothing is to be taken away.
    if (Number(error) === EOPNOTSUPP && words.length === 0) return;
    if (Number(error) !== 0) throw faultOf(Number(error));
  }

  [Symbol.dispose](): void {
    this.#child?.stdin?.end();
    this.#child = undefined;
  }

  #ask(what: "get" | "set", node: OpenNode, words: string[]): Promise<string[]> {
    const child = (this.#child ??= this.#start());
    const id = ++this.#lastId;
    const waiting: Waiting = Promise.withResolvers();
    this.#waiting.set(id, waiting);
    // The node is open here: the other has it by our own descriptor.
    const path = node.path.replace("/proc/self/", `/proc/${process.pid}/`);
    const line = [String(id), what, ...[path, ...words].map(hex)].join(" ");
    keepAlive(child, true);
    child.stdin!.write(`${line}\n`);
    return waiting.promise;
  }

  #start(): ChildProcess {
    const script = metadataScript(process.arch);
    if (script === undefined) throw noMetadata(`not on ${process.platform} (${process.arch})`);
    const child = spawn("perl", ["-e", script], {
      cwd: "/",
      env: { LC_ALL: "C", PATH: "/usr/bin:/bin:/usr/local/bin" },
      stdio: sealed(["pipe", "pipe", "ignore"]),
    });
    child.once("error", (error) => {
      const isMissing = systemCode(error) === "ENOENT";
      const fault = isMissing
        ? noMetadata("`perl` is not there", error)
        : processFault(error, "perl");
      this.#lose(child, fault);
    });
    child.once("exit", () => this.#lose(child, noMetadata("`perl` has ended")));
    const { stdin, stdout } = child;
    // Where there are no more descriptors, Node makes no pipes and emits the error later.
    if (!stdin || !stdout) {
      throw processFault(Object.assign(new Error("no pipes"), { code: "EMFILE" }), "perl");
    }
    stdin.on("error", () => undefined); // It has ended, which is told by itself.
    createInterface({ input: stdout }).on("line", (line) => {
      const [id, ...answer] = line.split(" ");
      this.#waiting.get(Number(id))?.resolve(answer);
      this.#waiting.delete(Number(id));
      if (this.#waiting.size === 0) keepAlive(child, false);
    });
    return child;
  }

  // The next request starts another.
  #lose(child: ChildProcess, error: SandboxError): void {
    if (this.#child !== child && this.#child !== undefined) return;
    this.#child = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

// Only what is waited for keeps this process alive.
function keepAlive(child: ChildProcess, keep: boolean): void {
  const does = keep ? "ref" : "unref";
  child[does]();
  // Pipes to a child are sockets, of which its types know nothing.
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe[does]();
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}

function faultOf(errno: number): Error {
  if (errno === EOPNOTSUPP) return noMetadata("the file system keeps no attributes");
  if (errno === ENOSPC || errno === E2BIG || errno === EDQUOT) {
    return new SandboxError(
      "too_large",
      "The metadata does not fit: this file system keeps less for each file.",
    );
  }
  const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
  return Object.assign(new Error("attributes"), {
    code: errno === EPERM ? "EPERM" : (code ?? "EIO"),
  });
}

function noMetadata(why: string, cause?: unknown): SandboxError {
  return new SandboxError(
    "unsupported",
    `Files can bear no metadata here: ${why}. It is kept as extended attributes, on Linux and by \`perl\`.`,
    { cause },
  );
}
