import * as z from "zod";
import type { FileEvent, FileInfo } from "../../../contract/file.ts";
import { LIMITS } from "../../../contract/limits.ts";

// The messages of filesystem.proto, as protobuf's JSON mapping has them: unknown fields mean nothing, null is as good
// as absent.

/** What a sandbox's path may be, relative or not. */
export const WirePath = z
  .string()
  .max(LIMITS.pathLength)
  .refine((path) => !path.includes("\0"), { message: "a path holds no NUL" });
const Path = WirePath.nullish().transform((path) => path ?? "");
const Flag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? false);

export const PathRequest = z.object({ path: Path });
export const MoveRequest = z.object({ source: Path, destination: Path });
export const ListDirRequest = z.object({
  path: Path,
  /** 0 means 1, as at the vendor's. */
  depth: z.coerce
    .number()
    .int()
    .min(0)
    .max(0xffff_ffff)
    .nullish()
    .transform((depth) => depth || 1),
});
export const WatchRequest = z.object({ path: Path, recursive: Flag, includeEntry: Flag });
export type WatchRequest = z.output<typeof WatchRequest>;
export const WatcherRequest = z.object({ watcherId: z.string() });

/** A file as the vendor's clients see it. */
export interface EntryInfo {
  name: string;
  type: "FILE_TYPE_FILE" | "FILE_TYPE_DIRECTORY" | "FILE_TYPE_UNSPECIFIED";
  path: string;
  /** 64 bits are text in protobuf's JSON. */
  size: string;
  mode: number;
  permissions: string;
  owner: string;
  group: string;
  modifiedTime: string;
  symlinkTarget?: string;
  metadata?: Record<string, string>;
}

const TYPES = {
  file: "FILE_TYPE_FILE",
  directory: "FILE_TYPE_DIRECTORY",
  symlink: "FILE_TYPE_UNSPECIFIED",
  other: "FILE_TYPE_UNSPECIFIED",
} as const satisfies Record<FileInfo["type"], EntryInfo["type"]>;

/**
 * The vendor tells of a link the type and the mode of what it leads to in the end, and that thing's path; a link that
 * leads nowhere is of no type, and its own target.
 */
export function presentEntry(info: FileInfo, target: FileInfo | undefined): EntryInfo {
  const isLink = info.type === "symlink";
  return {
    name: info.name,
    type: TYPES[isLink ? (target?.type ?? "other") : info.type],
    path: info.path,
    size: String(info.size),
    mode: (isLink ? (target?.mode ?? 0) : info.mode) & 0o777,
    permissions: permissionText(info),
    owner: info.owner,
    group: info.group,
    modifiedTime: new Date(info.modifiedAt).toISOString(),
    ...(isLink && { symlinkTarget: target?.path ?? info.path }),
    ...(info.metadata && { metadata: info.metadata }),
  };
}

// As Go writes them: letters for what is special in front of the nine, a dash when nothing is.
const KINDS = { file: "", directory: "d", symlink: "L", other: "?" } as const;
const SPECIAL = [
  { bit: 0o4000, letter: "u" },
  { bit: 0o2000, letter: "g" },
  { bit: 0o1000, letter: "t" },
];

function permissionText({ type, mode }: Pick<FileInfo, "type" | "mode">): string {
  const special = SPECIAL.map(({ bit, letter }) => ((mode & bit) === 0 ? "" : letter)).join("");
  const nine = [..."rwxrwxrwx"].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : "-"));
  return (KINDS[type] + special || "-") + nine.join("");
}

const EVENT_TYPES = {
  create: "EVENT_TYPE_CREATE",
  write: "EVENT_TYPE_WRITE",
  remove: "EVENT_TYPE_REMOVE",
  rename: "EVENT_TYPE_RENAME",
  chmod: "EVENT_TYPE_CHMOD",
} as const;

export type NamedEvent = Extract<FileEvent, { path: string }>;

/** One event of a watched directory. */
export interface FilesystemEvent {
  name: string;
  type: (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];
  entry?: EntryInfo;
}

export function presentEvent({ name, type }: NamedEvent, entry?: EntryInfo): FilesystemEvent {
  return { name, type: EVENT_TYPES[type], ...(entry && { entry }) };
}

export const WATCH_KEEP_ALIVE = { keepalive: {} };
