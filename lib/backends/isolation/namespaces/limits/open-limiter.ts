import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import type { Feature, Log } from "../../../../engine/ports.ts";
import type { ControlGroups, Machine } from "../machine/machine.ts";
import { randomText } from "../../../../std/ids.ts";
import { messageOf } from "../../../../std/message-of.ts";
import type { Limiter, LimitRequest, ReservedLimits, SessionLimits } from "./limiter.ts";
import { freezerOf } from "./freezer.ts";
import { limitsFeature } from "./limits-feature.ts";
import { handDown, makeDirectories, makeGroup, parentsOf, placeOf } from "./make-group.ts";
import { shellLimits } from "./process-floor.ts";
import { removeAtExit, removeGroups } from "./remove-group.ts";
import {
  directoriesOf,
  directoryOf,
  joinFilesOf,
  oomKillsOf,
  SessionGroup,
  usageOf,
} from "./session-group.ts";

export interface LimiterOptions {
  machine: Pick<Machine, "cgroups" | "processLimit">;
  /** Of the limiter's own, on the disk that sessions write to: tells which groups are whose. */
  directory: string;
  log?: Log;
}

/** What a session was given, so that the next engine finds it wherever it was started from. */
const LimitRecord = z.object({
  group: SessionGroup.optional(),
  /** With version 1: where it is frozen. There only once it was. */
  freezer: z.string().optional(),
  shellLimits: z.string(),
});
type LimitRecord = z.output<typeof LimitRecord>;

/**
 * Takes what the machine offers, once the first session asks. Never rejects for what it lacks: `feature`
 * says that, and knows more when a session was opened.
 */
export function openLimiter(options: LimiterOptions): Limiter {
  return new GroupLimiter(options);
}

class GroupLimiter implements Limiter {
  readonly #options: LimiterOptions;
  #groups: ControlGroups | undefined;
  #refusal: string | undefined;
  #place: { directory: string; parent: string } | undefined;

  constructor(options: LimiterOptions) {
    const { cgroups } = options.machine;
    this.#options = options;
    this.#groups = cgroups.offered ? cgroups.groups : undefined;
  }

  get feature(): Feature {
    const groups = this.#groups;
    return limitsFeature(this.#options.machine, { groups, refusal: this.#refusal });
  }

  async open(request: LimitRequest, reserved?: ReservedLimits): Promise<SessionLimits> {
    const { directory, parent } = this.#ready();
    const { bavail, bsize } = await statfs(directory);
    this.#prepareParent();
    const name = reserved?.name ?? request.sessionId;
    reserved?.keep();
    const group = this.#groups && placeOf(this.#groups, { parent, name });
    const above = this.#groups?.version === 1 ? this.#groups.freezer : undefined;
    const record: LimitRecord = {
      ...(group && { group }),
      ...(above !== undefined && { freezer: join(above, parent, name) }),
      shellLimits: shellLimits({
        ...request,
        hasMemoryGroup: group !== undefined && directoryOf(group, "memory") !== undefined,
        countsProcesses:
          this.#options.machine.processLimit.offered ||
          (group !== undefined && directoryOf(group, "pids") !== undefined),
        freeBytes: bavail * bsize,
      }),
    };
    // First the record: what is made is found again, whatever happens in between.
    writeFileSync(this.#recordFile(request.sessionId), JSON.stringify(record));
    try {
      if (group) makeGroup(group, request);
    } catch (error) {
      await this.#remove(request.sessionId, record);
      throw error;
    }
    return this.#limitsOf(request.sessionId, record);
  }

  reserve(): ReservedLimits {
    this.#prepareParent();
    const name = `ready-${randomText(12)}`;
    const group = this.#groups && placeOf(this.#groups, { parent: this.#ready().parent, name });
    const directories = group ? directoriesOf(group) : [];
    if (group) makeDirectories(group);
    const atExit = removeAtExit(directories);
    return {
      name,
      joinFiles: group ? joinFilesOf(group) : [],
      keep: () => atExit.cancel(),
      async remove() {
        await removeGroups(directories);
        atExit.cancel();
      },
    };
  }

  async adopt(sessionId: string): Promise<SessionLimits | undefined> {
    const record = this.#read(sessionId);
    if (!record) return undefined;
    const isThere = !record.group || directoriesOf(record.group).every((each) => existsSync(each));
    return isThere ? this.#limitsOf(sessionId, record) : undefined;
  }

  async sweep(knownSessionIds: readonly string[]): Promise<void> {
    const known = new Set(knownSessionIds);
    const { directory: records, parent } = this.#ready();
    const recorded = readdirSync(records)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length))
      .filter((sessionId) => !known.has(sessionId));
    const parents = this.#groups ? parentsOf(this.#groups, parent) : [];
    const kept = new Set(
      knownSessionIds.flatMap((sessionId) => {
        const group = this.#read(sessionId)?.group;
        return group ? directoriesOf(group) : [];
      }),
    );
    // Reserved for sessions that never came, and of those whose record was lost with the disk it was on.
    const strays = parents.flatMap((above) =>
      subdirectories(above).filter(
        (directory) => !kept.has(directory) && !known.has(basename(directory)),
      ),
    );
    await Promise.all([
      removeGroups(strays),
      ...recorded.map((sessionId) => this.#remove(sessionId, this.#read(sessionId))),
    ]);
  }

  /** The directory is made, and what it is called on the host's side of things is told by its path. */
  #ready(): { directory: string; parent: string } {
    if (!this.#place) {
      mkdirSync(this.#options.directory, { recursive: true });
      const directory = realpathSync(this.#options.directory);
      const hash = createHash("sha256").update(directory).digest("hex");
      // Two engines do not know each other's sessions, and must not take them for leftovers.
      this.#place = { directory, parent: `sandlot-${hash.slice(0, 12)}` };
    }
    return this.#place;
  }

  /** With version 2; it goes with the last session. */
  #prepareParent(): void {
    if (this.#groups?.version !== 2) return;
    try {
      handDown(this.#groups, this.#ready().parent);
    } catch (error) {
      // Who may make groups may still be refused controllers: that is found by asking for them.
      this.#refusal = messageOf(error);
      this.#options.log?.warn("control groups cannot be used", { reason: this.#refusal });
      this.#groups = undefined;
    }
  }

  #limitsOf(sessionId: string, record: LimitRecord): SessionLimits {
    const { group, freezer, shellLimits: floor } = record;
    return {
      freezer: group && freezerOf(group, freezer),
      joinFiles: group ? joinFilesOf(group) : [],
      shellLimits: floor,
      usage: async () => (group ? usageOf(group) : {}),
      oomKills: async () => (group ? oomKillsOf(group) : 0),
      remove: () => this.#remove(sessionId, record),
    };
  }

  async #remove(sessionId: string, record: LimitRecord | undefined): Promise<void> {
    const { group, freezer } = record ?? {};
    const directories = group ? directoriesOf(group) : [];
    // First where it may be frozen: what is cannot end.
    const isGone = await removeGroups([...(freezer ? [freezer] : []), ...directories]);
    if (isGone) rmSync(this.#recordFile(sessionId), { force: true });
  }

  #recordFile(sessionId: string): string {
    return join(this.#ready().directory, `${sessionId}${SUFFIX}`);
  }

  #read(sessionId: string): LimitRecord | undefined {
    try {
      return LimitRecord.parse(JSON.parse(readFileSync(this.#recordFile(sessionId), "utf8")));
    } catch {
      return undefined; // Absent, or cut short by a crash: then nothing was made yet.
    }
  }
}

const SUFFIX = ".json";

function subdirectories(parent: string): string[] {
  if (!existsSync(parent)) return [];
  const entries = readdirSync(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
}
