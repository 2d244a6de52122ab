import { closeSync, openSync } from "node:fs";

/** How a program is started in a session's namespaces. */
export interface Entrance {
  /** Begins the command line; the program follows. */
  command: readonly string[];
  /** What must be inherited, from descriptor 4 on. */
  descriptors: readonly number[];
}

/** Files that stand for a session's namespaces; whoever opens them holds the namespaces. */
export interface NamespaceFiles {
  net: string;
  /** Absent when this process may do everything in the network namespace already. */
  user?: string;
}

/** The descriptor by which a program that was started with an entrance knows the network namespace. */
export const NET_DESCRIPTOR = 4;
const USER_DESCRIPTOR = 5;

/**
 * A session's network namespace, held open: the process in which it was found may end, and its number may
 * become another's.
 */
export class SessionPlace implements Disposable {
  readonly #net: number;
  readonly #user: number | undefined;
  readonly #enterArguments: readonly string[];

  /** `enterArguments` tell `nsenter` how to become id 0 of the user namespace. */
  static of({
    pid,
    enterArguments,
  }: {
    pid: number;
    enterArguments: readonly string[];
  }): SessionPlace {
    // Root needs no other user namespace to reach into, and there it could not read its own programs.
    const isRoot = process.getuid?.() === 0;
    const net = `/proc/${pid}/ns/net`;
    return SessionPlace.open(
      isRoot ? { net } : { net, user: `/proc/${pid}/ns/user` },
      enterArguments,
    );
  }

  static open({ net, user }: NamespaceFiles, enterArguments: readonly string[]): SessionPlace {
    const opened = openSync(net, "r");
    try {
      return new SessionPlace(opened, user && openSync(user, "r"), enterArguments);
    } catch (error) {
      closeSync(opened);
      throw error;
    }
  }

  private constructor(
    net: number,
    user: number | "" | undefined,
    enterArguments: readonly string[],
  ) {
    this.#net = net;
    this.#user = user === "" ? undefined : user;
    this.#enterArguments = enterArguments;
  }

  /** By which another process of this user finds the namespaces, as long as this one holds them. */
  get files(): NamespaceFiles {
    const file = (descriptor: number) => `/proc/${process.pid}/fd/${descriptor}`;
    return {
      net: file(this.#net),
      ...(this.#user !== undefined && { user: file(this.#user) }),
    };
  }

  get enterArguments(): readonly string[] {
    return this.#enterArguments;
  }

  /** Into the user namespace, and into the network namespace only if asked for. */
  entrance({ net }: { net: boolean }): Entrance {
    const enter = [
      ...(net ? [`--net=/proc/self/fd/${NET_DESCRIPTOR}`] : []),
      ...(this.#user === undefined
        ? []
        : [`--user=/proc/self/fd/${USER_DESCRIPTOR}`, ...this.#enterArguments]),
    ];
    return {
      command: enter.length === 0 ? [] : ["nsenter", ...enter, "--"],
      descriptors: this.#user === undefined ? [this.#net] : [this.#net, this.#user],
    };
  }

  [Symbol.dispose](): void {
    closeSync(this.#net);
    if (this.#user !== undefined) closeSync(this.#user);
  }
}
