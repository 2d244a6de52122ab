import { createHash } from "node:crypto";
import { SandboxError } from "../../contract/errors.ts";
import { type Template, type TemplateBuild, TemplateName } from "../../contract/template.ts";
import type { SandboxView, Waiting } from "../../engine/engine.ts";
import { everyItem } from "../../engine/every-item.ts";
import type { TemplateView } from "../../engine/templates/template-words.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import type { DaytonaContext } from "./answers.ts";
import { withFilesOf } from "./files-of-sandbox.ts";
import { readDockerfile } from "./dockerfile.ts";
import { DEFAULT_DISK_GIB, ORGANIZATION, toTime } from "./present-sandbox.ts";

export const SnapshotName = TemplateName;

/** Builds for a sandbox of its own, which no list shows. */
const OWN_BUILD = "daytona-build-";

/** What the vendor offers to everybody; all of them are the empty base here. */
export const GENERAL_SNAPSHOTS = [
  "daytonaio/sandbox",
  "daytona-small",
  "daytona-medium",
  "daytona-large",
];

export function isGeneral(name: string): boolean {
  return GENERAL_SNAPSHOTS.includes(name) || name.startsWith("daytonaio/sandbox:");
}

// Python's own images let pip install anywhere; the system's Python, which stands for them here, only when it is told to.
const PYTHON = {
  type: "env",
  variables: { PIP_BREAK_SYSTEM_PACKAGES: "1", PIP_ROOT_USER_ACTION: "ignore" },
} as const;

export interface SnapshotOrder {
  name: string;
  dockerfile: string;
  /** A JSON list in a Dockerfile would say the same. */
  entrypoint?: string[] | undefined;
  vcpus?: number | undefined;
  memoryMb?: number | undefined;
}

/** Begins to build a snapshot of a new name from a Dockerfile and returns. Throws `name_taken`. */
export async function createSnapshot(
  context: Pick<DaytonaContext, "engine" | "turns">,
  order: SnapshotOrder,
): Promise<TemplateView> {
  return context.turns.run(order.name, async () => {
    await requireFree(context, order.name);
    return buildSnapshot(context, order);
  });
}

/** The same, whatever was built of that name before. Leaves nothing behind when the build cannot begin. */
async function buildSnapshot(
  { engine }: Pick<DaytonaContext, "engine">,
  { name, dockerfile, entrypoint, vcpus, memoryMb }: SnapshotOrder,
): Promise<TemplateView> {
  const { image, steps, startCommand } = readDockerfile(
    entrypoint ? `${dockerfile}\nENTRYPOINT ${JSON.stringify(entrypoint)}\n` : dockerfile,
  );
  const { template, build } = await engine.templates.create(
    withoutUndefined({ names: [name], vcpus, memoryMb }),
  );
  // As in any image, what is run while it is built is run by root, if there is one.
  const asRoot = engine.isolation.features.users.offered;
  const isOwned = steps.some(({ type }) => type === "user");
  const started = await orDeleted(engine, template, () =>
    engine.templates.startBuild(template.id, build.id, {
      from: { image },
      cwd: "/home/daytona",
      user: "daytona",
      steps: [
        ...(/(^|\/)python:/.test(image) ? [PYTHON] : []),
        ...(asRoot ? [{ type: "user" as const, user: "root" }] : []),
        ...steps,
        ...(isOwned || !asRoot ? [] : [{ type: "user" as const, user: "daytona" }]),
      ],
      ...(startCommand !== undefined && { startCommand }),
    }),
  );
  return { template, build: started };
}

/**
 * The template for a sandbox that is made from a Dockerfile: built now, unless the same file was built before.
 * Throws `source_failed` with the end of the build's log.
 */
export async function templateOfDockerfile(
  context: DaytonaContext,
  dockerfile: string,
  { signal }: Waiting,
): Promise<string> {
  const { engine } = context;
  const hash = createHash("sha256").update(dockerfile).digest("hex").slice(0, 24);
  const name = `${OWN_BUILD}${hash}`;
  return context.turns.run(name, async () => {
    if (await isReady(context, name)) return name;
    const { template, build } = await buildSnapshot(context, { name, dockerfile });
    const ended = await engine.templates.wait(template.id, build.id, withoutUndefined({ signal }));
    if (ended.status === "ready") return name;
    const all = { limit: Number.MAX_SAFE_INTEGER };
    const { logs } = await engine.templates.status(template.id, build.id, all);
    const last = logs.slice(-5).map(({ message }) => message);
    throw new SandboxError(
      "source_failed",
      `The image could not be built: ${ended.error?.message ?? "it ended early"}. ${last.join("\n")}`,
    );
  });
}

/**
 * The sandbox's files as they are now, under a name. What runs in it goes on. Throws `name_taken`, `source_failed`;
 * then, and when the caller leaves, there is nothing of the name.
 */
export async function snapshotOfSandbox(
  context: DaytonaContext,
  view: SandboxView,
  { name, signal }: Waiting & { name: string },
): Promise<void> {
  const { engine } = context;
  const { sandbox } = view;
  const { vcpus, memoryMb } = sandbox;
  const { template, build } = await context.turns.run(name, async () => {
    await requireFree(context, name);
    return engine.templates.create({ names: [name], vcpus, memoryMb });
  });
  const waiting = withoutUndefined({ signal });
  await orDeleted(engine, template, async () => {
    // The template keeps a copy of its own.
    const ended = await withFilesOf(context, view, {
      ...waiting,
      async use(snapshotId) {
        const from = snapshotId === undefined ? {} : { snapshotId };
        const user = sandbox.template?.user ?? sandbox.user;
        await engine.templates.startBuild(template.id, build.id, { from, cwd: sandbox.cwd, user });
        return engine.templates.wait(template.id, build.id, waiting);
      },
    });
    if (ended.status === "ready") return;
    throw new SandboxError(
      "source_failed",
      `The snapshot ${name} could not be kept: ${ended.error?.message ?? "it ended early"}.`,
    );
  });
}

/** A template that comes to nothing must not keep its name. */
async function orDeleted<Result>(
  { templates }: DaytonaContext["engine"],
  { id }: Template,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await unlessMissing(templates.delete(id));
    throw error;
  }
}

/** Throws `name_taken`: for this vendor a name is one snapshot, once and for all. */
async function requireFree(
  { engine }: Pick<DaytonaContext, "engine">,
  name: string,
): Promise<void> {
  const known = isGeneral(name) || (await unlessMissing(engine.templates.get(name))) !== undefined;
  if (!known) return;
  throw new SandboxError(
    "name_taken",
    `A snapshot named ${name} exists already; delete it, or choose another name.`,
  );
}

/** All that a client may see, the newest first. */
export async function listSnapshots({
  engine,
}: Pick<DaytonaContext, "engine">): Promise<TemplateView[]> {
  const templates = everyItem((part) => engine.templates.list({ ...part, sortOrder: "desc" }));
  const shown = [...templates].filter(({ names }) => !names[0]?.startsWith(OWN_BUILD));
  return Promise.all(shown.map((template) => viewOf(engine, template)));
}

/** With the build that it stands for. Throws `template_not_found`. */
export async function getSnapshot(
  { engine }: Pick<DaytonaContext, "engine">,
  nameOrId: string,
): Promise<TemplateView> {
  return viewOf(engine, await engine.templates.get(nameOrId));
}

export function presentSnapshot({ template, build }: TemplateView) {
  return {
    id: template.id,
    organizationId: ORGANIZATION,
    general: false,
    name: template.names[0] ?? template.id,
    state: stateOf(build),
    // GiB, as the vendor has it.
    size: (build.sizeBytes ?? 0) / 2 ** 30,
    entrypoint: build.startCommand === undefined ? null : ["sh", "-c", build.startCommand],
    cpu: build.vcpus,
    gpu: 0,
    mem: build.memoryMb / 1_024,
    disk: DEFAULT_DISK_GIB,
    errorReason: build.error?.message ?? null,
    createdAt: toTime(template.createdAt),
    updatedAt: toTime(template.updatedAt),
    lastUsedAt: template.lastSpawnedAt === undefined ? null : toTime(template.lastSpawnedAt),
    sandboxClass: "container",
  };
}

/** One of those that are there without anybody's doing. */
export function presentGeneral(name: string) {
  const never = toTime(0);
  return {
    id: name,
    general: true,
    name,
    state: "active",
    size: 0,
    entrypoint: null,
    cpu: 1,
    gpu: 0,
    mem: 1,
    disk: DEFAULT_DISK_GIB,
    errorReason: null,
    createdAt: never,
    updatedAt: never,
    lastUsedAt: null,
    sandboxClass: "container",
  };
}

function stateOf({ status }: TemplateBuild) {
  const states = {
    waiting: "pending",
    building: "building",
    ready: "active",
    error: "build_failed",
  } as const;
  return states[status];
}

async function viewOf(engine: DaytonaContext["engine"], template: Template): Promise<TemplateView> {
  const builds = await engine.templates.builds(template.id);
  const build = builds.find(({ id }) => id === template.latestBuildId);
  if (build) return { template, build };
  throw new SandboxError("state_corrupt", `The snapshot ${template.id} has lost its build.`);
}

async function isReady({ engine }: DaytonaContext, name: string): Promise<boolean> {
  return (await unlessMissing(engine.templates.resolve(name))) !== undefined;
}

async function unlessMissing<Found>(search: Promise<Found>): Promise<Found | undefined> {
  try {
    return await search;
  } catch (error) {
    if (SandboxError.is(error) && error.code === "template_not_found") return undefined;
    throw error;
  }
}
