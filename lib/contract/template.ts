import * as z from "zod";
import { LIMITS } from "./limits.ts";
import { Environment, MemoryMb, Vcpus } from "./sandbox.ts";

/** What a template is called. A colon may be part of it, as in names of images. */
export const TemplateName = z
  .string()
  .min(1)
  .max(LIMITS.nameLength)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/:-]*$/, {
    message:
      "a template's name starts with a letter or digit and holds only letters, digits, dots, dashes, underscores, slashes and colons",
  });

/** Names one build of a template. */
export const TemplateTag = z
  .string()
  .min(1)
  .max(LIMITS.nameLength)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, {
    message:
      "a tag starts with a letter, digit or underscore and holds only those, dots and dashes",
  });

const TemplateTags = z.array(TemplateTag).max(LIMITS.templateTags);

/** By what an archive of a copy step is known: the caller's own checksum of it. */
export const ArchiveHash = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, {
  message: "an archive's hash holds only letters, digits, dashes and underscores",
});

const path = z
  .string()
  .min(1)
  .max(LIMITS.pathLength)
  .refine((value) => !value.includes("\0"), { message: "a path holds no NUL" });
const user = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?$/, {
    message:
      "a user is a name of the sandbox's, such as root, or a name and a group, such as root:root",
  });
/** Runs the step, and those after it, also where a build before did the same. */
const force = z.boolean().optional();

/** One thing that a build does, in the place and as the user that the steps before it have set. */
export const TemplateStep = z.discriminatedUnion("type", [
  /** A line for the shell. */
  z.strictObject({
    type: z.literal("run"),
    command: z.string().min(1).max(LIMITS.buildCommandLength),
    user: user.optional(),
    force,
  }),
  z.strictObject({ type: z.literal("env"), variables: Environment, force }),
  z.strictObject({ type: z.literal("workdir"), path, force }),
  z.strictObject({ type: z.literal("user"), user, force }),
  /**
   * Files of an archive that was put before. `source` is the path in the archive, with wildcards or not; `.` is
   * all of it. What is one file lands at `destination`, or in it when that ends with a slash or is a directory;
   * of a directory, its content does.
   */
  z.strictObject({
    type: z.literal("copy"),
    archive: z.strictObject({ hash: ArchiveHash }),
    source: path,
    destination: path,
    user: user.optional(),
    /** Permission bits of every file; absent means as in the archive. */
    mode: z.int().min(0).max(0o7777).optional(),
    force,
  }),
]);
export type TemplateStep = z.output<typeof TemplateStep>;

export const CreateTemplateRequest = z.strictObject({
  /** Of which those that exist must be one template's: then this is a new build of it. */
  names: z.array(TemplateName).min(1).max(LIMITS.templateNames),
  /** What the build is called once it is ready; `default` when none is given. */
  tags: TemplateTags.optional(),
  vcpus: Vcpus.optional(),
  memoryMb: MemoryMb.optional(),
});
export type CreateTemplateRequest = z.output<typeof CreateTemplateRequest>;

/** What a build starts from: one of the three, or nothing for the empty base. */
const BuildBase = z
  .strictObject({
    /** A name, with a tag or without, or an id. */
    template: z.string().min(1).optional(),
    snapshotId: z.string().min(1).optional(),
    /** An image's name. Nothing is pulled: known ones stand for the built-in base. */
    image: z.string().min(1).optional(),
  })
  .refine((base) => Object.values(base).filter((value) => value !== undefined).length <= 1, {
    message: "give at most one of template, snapshotId and image",
  });

export const StartBuildRequest = z.strictObject({
  from: BuildBase.default({}),
  steps: z.array(TemplateStep).max(LIMITS.buildSteps).default([]),
  /** Where the first step runs, and as whom; absent: as the base has it. */
  cwd: path.optional(),
  user: user.optional(),
  /** A line for the shell, run in the background in every new session. */
  startCommand: z.string().min(1).max(LIMITS.buildCommandLength).optional(),
  /** A line for the shell that succeeds once the sandbox is ready. */
  readyCommand: z.string().min(1).max(LIMITS.buildCommandLength).optional(),
  /** Uses nothing of what earlier builds did. */
  force: z.boolean().default(false),
});
export type StartBuildRequest = z.output<typeof StartBuildRequest>;
export type StartBuildRequestInput = z.input<typeof StartBuildRequest>;

const BuildStatus = z.enum(["waiting", "building", "ready", "error"]);

/** Where a build failed: before its steps, in one of them (counted from 0), or after them. */
export const BuildPlace = z.union([
  z.literal("base"),
  z.int().nonnegative(),
  z.literal("finalize"),
]);
export type BuildPlace = z.output<typeof BuildPlace>;

/** One build of a template. Times are milliseconds since the epoch. */
export const TemplateBuild = z.object({
  id: z.string(),
  templateId: z.string(),
  status: BuildStatus,
  /** What it is to be called once it is ready. */
  tags: z.array(z.string()),
  vcpus: z.int(),
  memoryMb: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
  finishedAt: z.int().optional(),
  error: z.object({ message: z.string(), step: BuildPlace.optional() }).optional(),
  /** What sandboxes start from; absent when it is not ready, or added nothing to the empty base. */
  snapshotId: z.string().optional(),
  sizeBytes: z.int().optional(),
  /** The snapshots that its steps made or took over, in their order. */
  layers: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  /** As whom commands run that name nobody. */
  user: z.string(),
  startCommand: z.string().optional(),
  readyCommand: z.string().optional(),
});
export type TemplateBuild = z.output<typeof TemplateBuild>;

/** A state of files with variables, a directory and a user, from which sandboxes start. */
export const Template = z.object({
  id: z.string(),
  names: z.array(z.string()),
  createdAt: z.int(),
  updatedAt: z.int(),
  /** Which build each tag means, in order of their making. */
  tags: z.array(z.object({ tag: z.string(), buildId: z.string(), createdAt: z.int() })),
  /** The build that was asked for last. */
  latestBuildId: z.string(),
  buildCount: z.int(),
  /** Sandboxes that were made from it. */
  spawnCount: z.int(),
  lastSpawnedAt: z.int().optional(),
});
export type Template = z.output<typeof Template>;

/** The files that a step left: whoever does the same on the same files takes them over. */
export const TemplateLayer = z.object({
  /** Of the snapshot that holds them. */
  id: z.string(),
  /** Tells what was done, from the empty base on. */
  recipe: z.string(),
  sizeBytes: z.int(),
  createdAt: z.int(),
  /** Which isolation backend's format it is in. */
  isolation: z.string(),
});
export type TemplateLayer = z.output<typeof TemplateLayer>;

/** What a build said. */
export const BuildLogLine = z.object({
  at: z.int(),
  level: z.enum(["debug", "info", "warn", "error"]),
  message: z.string(),
  step: BuildPlace.optional(),
});
export type BuildLogLine = z.output<typeof BuildLogLine>;
