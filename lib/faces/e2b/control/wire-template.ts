import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import type { StartBuildRequestInput, TemplateStep } from "../../../contract/template.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";

const Names = z.array(z.string().min(1));

/** Of `POST /v3/templates`. Older clients say `alias` for the name. */
export const NewTemplate = z
  .object({
    name: z.string().min(1).optional(),
    alias: z.string().min(1).optional(),
    tags: Names.optional(),
    cpuCount: z.int().min(1).optional(),
    memoryMB: z.int().min(1).optional(),
  })
  .refine(({ name, alias }) => name !== undefined || alias !== undefined, {
    message: "a template needs a name",
    path: ["name"],
  });

const Step = z.object({
  type: z.string(),
  args: z.array(z.string()).default([]),
  filesHash: z.string().optional(),
  force: z.boolean().nullish(),
});

/** Of `POST /v2/templates/{templateID}/builds/{buildID}`. */
export const BuildStart = z.object({
  fromImage: z.string().min(1).nullish(),
  fromTemplate: z.string().min(1).nullish(),
  fromImageRegistry: z.record(z.string(), z.unknown()).nullish(),
  startCmd: z.string().nullish(),
  readyCmd: z.string().nullish(),
  steps: z.array(Step).default([]),
  force: z.boolean().default(false),
});
export type BuildStart = z.output<typeof BuildStart>;

export const AssignTags = z.object({ target: z.string().min(1), tags: Names.min(1) });
export const RemoveTags = z.object({ name: z.string().min(1), tags: Names.min(1) });
/** Nothing here is public, but the question may be asked. */
export const TemplateUpdate = z.object({ public: z.boolean().optional() });

/** `name` or `name:tag`. */
export function splitName(given: string): { name: string; tag?: string } {
  const [name = "", tag, ...rest] = given.split(":");
  if (rest.length > 0 || name === "" || tag === "") {
    throw new SandboxError(
      "invalid_request",
      `\`name\`: expected name or name:tag; given was ${JSON.stringify(given.slice(0, 60))}.`,
    );
  }
  return tag === undefined ? { name } : { name, tag };
}

/** What the engine is asked to build; `fromBase` says that the template it starts from is the built-in base. Throws `invalid_request`, and `unsupported` for what cannot be had here. */
export function toBuildRequest(
  body: BuildStart,
  { fromBase }: { fromBase: boolean },
): StartBuildRequestInput {
  if (body.fromImageRegistry) {
    throw new SandboxError(
      "unsupported",
      "`fromImageRegistry`: no image is pulled here, from a private registry or another; start from a template or a known image.",
    );
  }
  const { fromTemplate, fromImage } = body;
  return {
    from: fromBase
      ? {}
      : withoutUndefined({
          template: fromTemplate ?? undefined,
          image: fromTemplate == null ? (fromImage ?? undefined) : undefined,
        }),
    cwd: "/home/user",
    user: "user",
    steps: body.steps.map(toStep),
    force: body.force,
    ...(body.startCmd && { startCommand: body.startCmd }),
    ...(body.readyCmd && { readyCommand: body.readyCmd }),
  };
}

function toStep(
  { type, args, filesHash, force }: z.output<typeof Step>,
  index: number,
): TemplateStep {
  const refuse = (reason: string) =>
    new SandboxError("invalid_request", `\`steps.${index}\`: ${reason}.`);
  const argument = (place: number, what: string): string => {
    const value = args[place];
    if (value !== undefined && value !== "") return value;
    throw refuse(`${type} needs ${what}`);
  };
  const again = force ? { force } : {};
  switch (type) {
    case "RUN":
      return { type: "run", command: argument(0, "a command"), ...userOf(args[1]), ...again };
    case "ENV": {
      if (args.length % 2 !== 0) throw refuse("ENV needs a value for each name");
      const pairs = args.flatMap((name, place) =>
        place % 2 === 0 ? [[name, args[place + 1] ?? ""] as const] : [],
      );
      return { type: "env", variables: Object.fromEntries(pairs), ...again };
    }
    case "WORKDIR":
      return { type: "workdir", path: argument(0, "a path"), ...again };
    case "USER":
      return { type: "user", user: argument(0, "a user"), ...again };
    case "COPY": {
      if (filesHash === undefined) throw refuse("COPY needs the hash of its files");
      const mode = args[3] ? parseMode(args[3]) : undefined;
      if (Number.isNaN(mode)) throw refuse("COPY takes a mode as octal digits, such as 0644");
      return {
        type: "copy",
        archive: { hash: filesHash },
        source: argument(0, "a source"),
        destination: argument(1, "a destination"),
        ...userOf(args[2]),
        ...(mode !== undefined && { mode }),
        ...again,
      };
    }
    default:
      throw refuse(
        `${JSON.stringify(type.slice(0, 60))} is no step: use RUN, COPY, ENV, WORKDIR or USER`,
      );
  }
}

function userOf(given: string | undefined): { user?: string } {
  return given ? { user: given } : {};
}

function parseMode(text: string): number {
  return /^[0-7]{1,5}$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}
