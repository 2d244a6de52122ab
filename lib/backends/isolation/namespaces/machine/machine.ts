import type { IdMap } from "./id-map.ts";

/** What a machine gives, or why not and the one command (or step) that would add it. */
export type Offer<Given = unknown> =
  | ({ offered: true } & Given)
  | { offered: false; reason: string; advice: string };

/** Where groups of processes can be limited and counted. */
export type ControlGroups =
  | {
      version: 1;
      /** Below which directory of each controller's hierarchy groups can be made. */
      controllers: Partial<Record<Controller, string>>;
      /** The same for the hierarchy by which processes are frozen; absent where there is none. */
      freezer?: string | undefined;
    }
  | {
      version: 2;
      /** Below it groups can be made that have the controllers. */
      directory: string;
      controllers: Controller[];
      /** Whether the processes in the directory itself must first be moved into a group below it. */
      occupied: boolean;
    };

export type Controller = "memory" | "cpu" | "cpuacct" | "pids";

/** What was found by doing it, on a file system that a sandbox's files would be on. Plain data. */
export interface Machine {
  kernel: string;
  user: { uid: number; gid: number };
  /** Programs that put namespaces together and enter them. */
  programs: Offer<{ version: string }>;
  /** User, mount, process, ipc, host name and network namespaces, for this user. */
  namespaces: Offer;
  /** Ids enough for real users inside. Without them everybody inside is one. */
  ids: Offer<{ map: Exclude<IdMap, { kind: "single" }> }>;
  /** A writable system over the host's. */
  overlay: Offer;
  /** A limit of processes per sandbox that needs no control groups. */
  processLimit: Offer;
  cgroups: Offer<{ groups: ControlGroups }>;
  /** A network of a sandbox's own that is connected with the engine. */
  network: Offer<{ ip: string }>;
  /** User-mode network stacks that are installed. */
  networkHelpers: string[];
}
