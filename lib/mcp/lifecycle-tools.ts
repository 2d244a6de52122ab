import * as z from "zod";
import { commandsOf } from "../trigger-client/command-history.ts";
import { Sandbox } from "../trigger-client/index.ts";
import { portUrl } from "../trigger-client/port-url.ts";
import { defineTool, type Tool } from "./define-tool.ts";
import { LIMITS, sandboxName } from "./tool-words.ts";

const ports = z
  .array(z.int().min(1).max(65_535))
  .describe("Ports on which servers in it will listen. `url` can add one later.");

const url = z.object({ port: z.int(), url: z.string() });

const view = {
  sandbox: z.string().describe("Its name, which the other tools take."),
  status: z.string(),
  cwd: z.string().describe("Where commands start and relative paths begin."),
  urls: z.array(url),
  expiresAt: z.string().optional().describe("When it stops by itself (ISO 8601)."),
};

function present(sandbox: Sandbox): z.output<z.ZodObject<typeof view>> {
  const { name, status, cwd, expiresAt } = sandbox;
  return {
    sandbox: name,
    status,
    cwd,
    urls: urlsOf(sandbox),
    ...(expiresAt && status === "running" && { expiresAt: expiresAt.toISOString() }),
  };
}

const urlsOf = (sandbox: Sandbox) =>
  sandbox.routes.map(({ port }) => ({ port, url: sandbox.domain(port) }));

const create = defineTool({
  name: "create",
  title: "Create a sandbox",
  description:
    "Makes a sandbox: a Linux machine of its own with bash, and with git, node, python and sudo as far as there are such. " +
    "Its files are kept when it stops, and it is resumed by the next tool that uses it. Use one sandbox for one " +
    "task, and `stop` it with delete when nobody needs it any more.",
  input: z.strictObject({
    name: z
      .string()
      .min(1)
      .optional()
      .describe("Letters, digits, dots, dashes, underscores; made up if not given."),
    source: z
      .discriminatedUnion("type", [
        z.strictObject({
          type: z.literal("git"),
          url: z.string().min(1),
          revision: z.string().min(1).optional(),
        }),
        z.strictObject({ type: z.literal("tarball"), url: z.url() }),
        z.strictObject({ type: z.literal("snapshot"), snapshotId: z.string().min(1) }),
      ])
      .optional()
      .describe("What its files start from; nothing if not given."),
    ports: ports.default([]),
    env: z.record(z.string(), z.string()).default({}).describe("Variables for all its commands."),
    timeoutMs: z
      .int()
      .min(1_000)
      .default(LIMITS.sandboxTimeoutMs)
      .describe("How long it runs before it stops by itself."),
    vcpus: z
      .int()
      .min(1)
      .optional()
      .describe("Processors, with 2 GB of memory each; 2 if not given."),
    network: z
      .union([z.enum(["allow-all", "deny-all"]), z.array(z.string().min(1))])
      .default("allow-all")
      .describe("Where it may connect to: anywhere, nowhere, or only to these domains."),
  }),
  output: z.object(view),
  annotations: { destructiveHint: false },
  async run({ name, source, ports: exposed, env, timeoutMs, vcpus, network }, { signal }) {
    const sandbox = await Sandbox.create({
      ...(name !== undefined && { name }),
      ...(source && { source }),
      ports: exposed,
      env,
      timeout: timeoutMs,
      ...(vcpus !== undefined && { resources: { vcpus } }),
      networkPolicy: typeof network === "string" ? network : { allow: network },
      signal,
      // The vendor's type knows each kind of source on its own; this is any of them.
    } as NonNullable<Parameters<typeof Sandbox.create>[0]>);
    return present(sandbox);
  },
});

const list = defineTool({
  name: "list",
  title: "List sandboxes, or one sandbox's commands",
  description:
    "Without a sandbox: the sandboxes that there are, the newest first. With one: how it is, its URLs, and what " +
    "ran in it lately. It resumes nothing.",
  input: z.strictObject({
    sandbox: z.string().min(1).optional().describe("The sandbox whose commands are wanted."),
    cursor: z
      .string()
      .min(1)
      .optional()
      .describe("Of sandboxes: the nextCursor of the list before."),
  }),
  output: z.object({
    sandboxes: z.array(
      z.object({ sandbox: z.string(), status: z.string(), createdAt: z.string() }),
    ),
    nextCursor: z.string().optional(),
    commands: z
      .array(
        z.object({
          commandId: z.string(),
          command: z.string(),
          exitCode: z.int().nullable(),
          startedAt: z.string(),
        }),
      )
      .optional(),
    urls: z.array(url).optional(),
  }),
  annotations: { readOnlyHint: true },
  async run({ sandbox: name, cursor }, { signal }) {
    if (name !== undefined) return oneSandbox(name, signal);
    const page = await Sandbox.list({
      limit: LIMITS.listed,
      signal,
      ...(cursor !== undefined && { cursor }),
    });
    const { next } = page.pagination;
    return {
      sandboxes: page.sandboxes.map(listed),
      ...(next !== null && { nextCursor: next }),
    };
  },
});

async function oneSandbox(name: string, signal: AbortSignal) {
  const sandbox = await Sandbox.get({ name, resume: false, signal });
  const commands: {
    commandId: string;
    command: string;
    exitCode: number | null;
    startedAt: string;
  }[] = [];
  for await (const { id, name: cmd, args, exitCode, startedAt } of commandsOf(name, signal)) {
    const line = [cmd, ...args].join(" ").slice(0, 500);
    const at = new Date(startedAt).toISOString();
    commands.push({ commandId: id, command: line, exitCode, startedAt: at });
    if (commands.length === LIMITS.listed) break;
  }
  const { status, createdAt } = sandbox;
  return {
    sandboxes: [listed({ name, status, createdAt })],
    commands,
    urls: urlsOf(sandbox),
  };
}

function listed(sandbox: { name: string; status: string; createdAt: number | Date }) {
  const { name, status, createdAt } = sandbox;
  return { sandbox: name, status, createdAt: new Date(createdAt).toISOString() };
}

const urlOf = defineTool({
  name: "url",
  title: "Get the URL of a port",
  description:
    "Gives the URL at which a server in the sandbox is reached from this computer: by a browser, curl, or any other " +
    "program. The port is exposed if it was not yet. Start the server with `run` and background; it should listen " +
    "on 0.0.0.0 or localhost.",
  input: z.strictObject({ sandbox: sandboxName, port: z.int().min(1).max(65_535) }),
  output: url,
  annotations: { destructiveHint: false, idempotentHint: true },
  async run({ sandbox: name, port }, { signal }) {
    const sandbox = await Sandbox.get({ name, resume: true, signal });
    return { port, url: await portUrl(sandbox, { port, signal }) };
  },
});

const snapshot = defineTool({
  name: "snapshot",
  title: "Keep a sandbox's files as a snapshot",
  description:
    "Stops the sandbox and keeps its files as they are now. `create` with source {type: snapshot} starts any " +
    "number of sandboxes from it. The sandbox itself goes on with the next tool that uses it; its processes are gone.",
  input: z.strictObject({
    sandbox: sandboxName,
    expirationMs: z
      .int()
      .min(0)
      .optional()
      .describe("When it is deleted after its last use; 0 for never, 30 days if not given."),
  }),
  output: z.object({ snapshotId: z.string(), sizeBytes: z.int() }),
  annotations: { destructiveHint: true },
  async run({ sandbox: name, expirationMs }, { signal }) {
    const sandbox = await Sandbox.get({ name, signal });
    const { snapshotId, sizeBytes } = await sandbox.snapshot({
      signal,
      ...(expirationMs !== undefined && { expiration: expirationMs }),
    });
    return { snapshotId, sizeBytes };
  },
});

const fork = defineTool({
  name: "fork",
  title: "Copy a sandbox",
  description:
    "Makes another sandbox with the settings of this one and the files of its last snapshot. To copy the files as " +
    "they are now, call `snapshot` before. Good for trying several ways at once.",
  input: z.strictObject({
    sandbox: sandboxName,
    name: z.string().min(1).optional().describe("The copy's name; made up if not given."),
  }),
  output: z.object(view),
  annotations: { destructiveHint: false },
  async run({ sandbox: sourceSandbox, name }, { signal }) {
    const copy = { sourceSandbox, signal, ...(name !== undefined && { name }) };
    return present(await Sandbox.fork(copy));
  },
});

const stop = defineTool({
  name: "stop",
  title: "Stop or delete a sandbox",
  description:
    "Ends all processes of the sandbox. Its files are kept, and the next tool that uses it resumes it; with delete, " +
    "the sandbox is gone with its files and the snapshots that nothing else needs.",
  input: z.strictObject({ sandbox: sandboxName, delete: z.boolean().default(false) }),
  output: z.object({
    sandbox: z.string(),
    status: z.enum(["stopped", "deleted"]),
    snapshotId: z.string().optional().describe("What keeps its files."),
  }),
  annotations: { destructiveHint: true, idempotentHint: true },
  async run({ sandbox: name, delete: isDeleted }, { signal }) {
    const sandbox = await Sandbox.get({ name, resume: false, signal });
    if (isDeleted) {
      await sandbox.delete({ deleteOrphanSnapshots: true, signal });
      return { sandbox: name, status: "deleted" as const };
    }
    const { snapshot: kept } = await sandbox.stop({ signal });
    return {
      sandbox: name,
      status: "stopped" as const,
      ...(kept && { snapshotId: kept.id }),
    };
  },
});

/** Sandboxes as wholes: from their making to their end. */
export const LIFECYCLE_TOOLS: readonly Tool[] = [create, list, urlOf, snapshot, fork, stop];
