import { defineProvider, type Provider, type SandboxInfo } from "@computesdk/provider";
import { SandboxError } from "../contract/errors.ts";
import { type PortProtocol, portUrl } from "../trigger-client/port-url.ts";
import { APIError, Sandbox, Snapshot } from "../trigger-client/index.ts";
import { createParameters, refuse, type SandlotConfig } from "./create-parameters.ts";
import { runCommand } from "./run-command.ts";

const NAME = "sandlot";
const NOT_FOUND = 404;
const PROTOCOLS: readonly string[] = ["http", "https", "ws", "wss"] satisfies PortProtocol[];

/** A snapshot as ComputeSDK programs see it. */
interface SnapshotInfo {
  id: string;
  provider: string;
  createdAt: Date;
  sizeBytes: number;
}

/**
 * ComputeSDK's provider for sandboxes of this machine, or of wherever SANDLOT_ENGINE leads. A sandbox's id is its
 * name. What ComputeSDK can ask for and there is none of here throws `unsupported`, which names the option.
 */
export const sandlot: (config?: SandlotConfig) => Provider<Sandbox, never, SnapshotInfo> = (
  config = {},
) => provide(config);

const provide = defineProvider<Sandbox, SandlotConfig, never, SnapshotInfo>({
  name: NAME,
  methods: {
    sandbox: {
      create: async (config, options) =>
        named(await Sandbox.create(createParameters(config, options))),
      getById: async (_config, name) => {
        const sandbox = await Sandbox.get({ name }).catch(unlessMissing);
        return sandbox ? named(sandbox) : null;
      },
      async list() {
        const active: { sandbox: Sandbox; sandboxId: string }[] = [];
        for await (const { name, status } of await Sandbox.list({ limit: 100 })) {
          // One may go while the others are asked for.
          const sandbox =
            status === "running" && (await Sandbox.get({ name }).catch(unlessMissing));
          if (sandbox) active.push(named(sandbox));
        }
        return active;
      },
      async destroy(_config, name) {
        const sandbox = await Sandbox.get({ name }).catch(unlessMissing);
        // Snapshots that were made of it are things of their own.
        await sandbox?.delete().catch(unlessMissing);
      },
      runCommand,
      streamCommand: runCommand,
      getInfo: async (sandbox) => infoOf(await Sandbox.get({ name: sandbox.name })),
      async getUrl({ name }, { port, protocol }) {
        if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
          throw refuse(`protocol ${protocol}`, `ports speak ${PROTOCOLS.join(", ")}`);
        }
        // What leads to a port may have changed since the sandbox was asked for.
        const sandbox = await Sandbox.get({ name, resume: true });
        return portUrl(sandbox, {
          port,
          ...(protocol !== undefined && { protocol: protocol as PortProtocol }),
        });
      },
      filesystem: {
        readFile: ({ fs }, path) => fs.readFile(path, "utf8"),
        writeFile: (sandbox, path, content) => sandbox.writeFiles([{ path, content }]),
        mkdir: async ({ fs }, path) => void (await fs.mkdir(path, { recursive: true })),
        async readdir({ fs }, path) {
          const entries = await fs.readdir(path, { withFileTypes: true });
          return entries.map((entry) => ({
            name: entry.name,
            type: entry.isDirectory() ? ("directory" as const) : ("file" as const),
          }));
        },
        exists: ({ fs }, path) => fs.exists(path),
        remove: ({ fs }, path) => fs.rm(path, { recursive: true }),
      },
    },
    snapshot: {
      async create(_config, name, { name: title, metadata } = {}) {
        if (title !== undefined) throw refuse("a snapshot's name", "snapshots have ids alone");
        if (metadata) throw refuse("a snapshot's metadata", "snapshots bear none");
        const snapshot = await (await Sandbox.get({ name })).snapshot();
        const { snapshotId: id, createdAt, sizeBytes } = snapshot;
        return { id, provider: NAME, createdAt, sizeBytes };
      },
      async list(_config, { sandboxId, limit } = {}) {
        const found: SnapshotInfo[] = [];
        const pages = await Snapshot.list({
          limit: Math.min(limit ?? 100, 100),
          ...(sandboxId !== undefined && { name: sandboxId }),
        });
        for await (const { id, status, createdAt, sizeBytes } of pages) {
          if (found.length === limit) break;
          if (status !== "created") continue;
          found.push({ id, provider: NAME, createdAt: new Date(createdAt), sizeBytes });
        }
        return found;
      },
      delete: async (_config, snapshotId) => (await Snapshot.get({ snapshotId })).delete(),
    },
  },
});

const named = (sandbox: Sandbox) => ({ sandbox, sandboxId: sandbox.name });

function infoOf({ name, status, createdAt, timeout, tags }: Sandbox): SandboxInfo {
  const isOver = status === "failed" || status === "aborted";
  return {
    id: name,
    provider: NAME,
    status: status === "running" ? "running" : isOver ? "error" : "stopped",
    createdAt,
    timeout: timeout ?? 0,
    ...(tags && { metadata: tags }),
  };
}

function unlessMissing(error: unknown): undefined {
  if (SandboxError.is(error) && error.code === "sandbox_not_found") return undefined;
  if (error instanceof APIError && error.response.status === NOT_FOUND) return undefined;
  throw error;
}
