import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import type { Feature, Log } from "../../../../engine/ports.ts";
import type { ControlGroups, Machine } from "../machine/machine.ts";
import type { Limiter, LimitRequest, SessionLimits } from "./limiter.ts";
import { limitsFeature } from "./limits-feature.ts";
import { handDown, makeGroup, parentsOf, placeOf } from "./make-group.ts";
import { shellLimits } from "./process-floor.ts";
import { removeGroups } from "./remove-group.ts";
import { directoriesOf, directoryOf, joinFilesOf, oomKillsOf, SessionGroup, usageOf } from "./session-group.ts";

export interface LimiterOptions {
  machine: Pick<Machine, "cgroups" | "processLimit">;
  /** Of the limiter's own, on the disk that sessions write to: tells which groups are whose. */
  directory: string;
  log?: Log;
}

/** What a session was given, so that the next engine finds it wherever it was started from. */
const LimitRecord = z.object({ group: SessionGroup.optional(), shellLimits: z.string() });
type LimitRecord = z.output<typeof LimitRecord>;

/** Takes what the machine offers. Never rejects for what it lacks: `feature` says that. */
export function openLimiter(options: LimiterOptions): Limiter {
  return new GroupLimiter(options);
}

class GroupLimiter implements Limiter {
  readonly feature: Feature;
  readonly #directory: string;
  readonly #machine: LimiterOptions["machine"];
  readonly #groups: ControlGroups | undefined;
  /** Two engines do not know each other's sessions, and must not take them for leftovers. */
  readonly #parent: string;

  constructor({ machine, directory, log }: LimiterOptions) {
    mkdirSync(directory, { recursive: true });
    this.#directory = realpathSync(directory);
    const hash = createHash("sha256").update(this.#directory).digest("hex");
    this.#parent = `sandlot-${hash.slice(0, 12)}`;
    this.#groups = machine.cgroups.offered ? machine.cgroups.groups : undefined;
    let refusal: string | undefined;
    if (this.#groups?.version === 2) {
      try {
        handDown(this.#groups, this.#parent);
      } catch (error) {
        // Who may make groups may still be refused controllers: that is found by asking for them.
        refusal = error instanceof Error ? error.message : String(error);
        log?.warn("control groups cannot be used", { reason: refusal });
        this.#groups = undefined;
      }
    }
    this.#machine = machine;
    this.feature = limitsFeature(machine, { groups: this.#groups, refusal });
  }

  async open(request: LimitRequest): Promise<SessionLimits> {
    const { bavail, bsize } = await statfs(this.#directory);
    const group = this.#groups && placeOf(this.#groups, { parent: this.#parent, ...request });
    const record: LimitRecord = {
      ...(group && { group }),
      shellLimits: shellLimits({
        ...request,
        hasMemoryGroup: group !== undefined && directoryOf(group, "memory") !== undefined,
        countsProcesses:
          this.#machine.processLimit.offered ||
          (group !== undefined && directoryOf(group, "pids") !== undefined),
        freeBytes: bavail * bsize,
      }),
    };
    // First the record: what is made is found again, whatever happens in between.
    writeFileSync(this.#recordFile(request.sessionId), JSON.stringify(record));
    try {
      if (group && this.#groups?.version === 2) handDown(this.#groups, this.#parent);
      if (group) makeGroup(group, request);
    } catch (error) {
      await this.#remove(request.sessionId, record);
      throw error;
    }
    return this.#limitsOf(request.sessionId, record);
  }

  async adopt(sessionId: string): Promise<SessionLimits | undefined> {
    const record = this.#read(sessionId);
    if (!record) return undefined;
    const isThere = !record.group || directoriesOf(record.group).every((each) => existsSync(each));
    return isThere ? this.#limitsOf(sessionId, record) : undefined;
  }

  async sweep(knownSessionIds: readonly string[]): Promise<void> {
    const known = new Set(knownSessionIds);
    const recorded = readdirSync(this.#directory)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length))
      .filter((sessionId) => !known.has(sessionId));
    const parents = this.#groups ? parentsOf(this.#groups, this.#parent) : [];
    // Of sessions whose record was lost with the disk it was on.
    const strays = parents.flatMap((parent) =>
      subdirectories(parent).filter((directory) => !known.has(basename(directory))),
    );
    await Promise.all([
      removeGroups(strays),
      ...recorded.map((sessionId) => this.#remove(sessionId, this.#read(sessionId))),
    ]);
  }

  #limitsOf(sessionId: string, record: LimitRecord): SessionLimits {
    const { group, shellLimits: floor } = record;
    return {
      joinFiles: group ? joinFilesOf(group) : [],
      shellLimits: floor,
      usage: async () => (group ? usageOf(group) : {}),
      oomKills: async () => (group ? oomKillsOf(group) : 0),
      remove: () => this.#remove(sessionId, record),
    };
  }

  async #remove(sessionId: string, record: LimitRecord | undefined): Promise<void> {
    const isGone = await removeGroups(record?.group ? directoriesOf(record.group) : []);
    if (isGone) rmSync(this.#recordFile(sessionId), { force: true });
  }

  #recordFile(sessionId: string): string {
    return join(this.#directory, `${sessionId}${SUFFIX}`);
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
