import type { Isolation } from "../../engine/ports.ts";

/** Where the default user's files are, as commands see it. */
export interface OwnPlaces {
  cwd: string;
  home: string;
}

/** What backends that keep files in folders of their own give each other. */
export interface Exchange {
  /**
   * Copies a snapshot's files to a path where there is nothing yet, as a plain tree that belongs to this process:
   * without what only the backend itself could use. Throws `snapshot_gone`.
   */
  exportSnapshot(
    snapshotId: string,
    target: string,
    options: { signal?: AbortSignal | undefined },
  ): Promise<void>;
  /** Makes a snapshot of the plain tree that `fill` puts at the path it is given. All or nothing. */
  importSnapshot(
    snapshotId: string,
    fill: (target: string) => Promise<void>,
    places: OwnPlaces,
  ): Promise<void>;
  /** A drive's directory; undefined when it is not here. */
  findDrive(driveId: string): Promise<string | undefined>;
  /** Makes a drive's directory its own, and its files the sandboxes'. Goes on where it was cut off. */
  takeDrive(driveId: string, from: string): Promise<void>;
}

/** A backend that shares a state folder with others of its kind, one after the other. */
export interface ExchangingIsolation extends Isolation, Disposable {
  exchange(): Promise<Exchange>;
}
