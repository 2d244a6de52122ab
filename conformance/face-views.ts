import { Daytona, type Sandbox as DaytonaSandbox } from "@daytona/sdk";
import { NotFoundError, Sandbox as E2bSandbox } from "e2b";
import { Sandbox as VercelSandbox } from "sandlot";

/** How a sandbox is known: by its name to one vendor's client, by its id to the others'. */
interface Known {
  name: string;
  id: string;
}

/** A sandbox as a program of one vendor's sees and uses it. */
export interface View {
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  run(line: string): Promise<{ exitCode: number; output: string }>;
  /** What a server on that port of the sandbox answers. */
  fetch(port: number): Promise<string>;
  /** Ends it as the vendor's programs do. */
  end(): Promise<void>;
}

/** What a program of one vendor's does with sandboxes that it knows, whoever made them. */
export interface FaceView {
  create(labels?: Record<string, string>): Promise<Known>;
  use(known: Known): Promise<View>;
  /** Names or ids of all that it is told of. */
  list(): Promise<string[]>;
  /** Whether it is told that the sandbox runs. */
  runs(known: Known): Promise<boolean>;
  labels(known: Known): Promise<Record<string, string>>;
  relabel(known: Known, labels: Record<string, string>): Promise<void>;
}

const vercel: FaceView = {
  async create(labels) {
    const { name } = await VercelSandbox.create(labels ? { tags: labels } : {});
    return { name, id: (await daytona().get(name)).id };
  },
  async use({ name }) {
    const sandbox = await VercelSandbox.get({ name });
    return {
      write: (path, content) => sandbox.writeFiles([{ path, content }]),
      read: async (path) => String(await sandbox.readFileToBuffer({ path })),
      async run(line) {
        const command = await sandbox.runCommand("sh", ["-c", line]);
        return { exitCode: command.exitCode, output: await command.output() };
      },
      async fetch(port) {
        await sandbox.update({ ports: [port] });
        return textOf(sandbox.domain(port));
      },
      end: async () => void (await sandbox.stop()),
    };
  },
  list: async () => (await (await VercelSandbox.list()).toArray()).map(({ name }) => name),
  runs: async ({ name }) => {
    const all = await (await VercelSandbox.list()).toArray();
    return all.some((each) => each.name === name && each.status === "running");
  },
  labels: async ({ name }) => (await VercelSandbox.get({ name, resume: false })).tags ?? {},
  async relabel({ name }, tags) {
    const sandbox = await VercelSandbox.get({ name, resume: false });
    await sandbox.update({ tags });
  },
};

const e2b: FaceView = {
  async create(labels) {
    const { sandboxId: id } = await E2bSandbox.create(labels ? { metadata: labels } : {});
    return { id, name: (await daytona().get(id)).name };
  },
  async use({ id }) {
    const sandbox = await E2bSandbox.connect(id);
    return {
      write: async (path, text) => void (await sandbox.files.write(path, text)),
      read: (path) => sandbox.files.read(path),
      async run(line) {
        const { exitCode, stdout } = await sandbox.commands.run(line);
        return { exitCode, output: stdout };
      },
      fetch: (port) =>
        textOf(process.env["E2B_SANDBOX_URL"] ?? "", {
          "e2b-sandbox-id": id,
          "e2b-sandbox-port": String(port),
        }),
      end: async () => void (await sandbox.kill()),
    };
  },
  list: async () => (await e2bList()).map(({ sandboxId }) => sandboxId),
  runs: async ({ id }) => {
    try {
      return (await E2bSandbox.getInfo(id)).state === "running";
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  },
  labels: async ({ id }) => (await E2bSandbox.getInfo(id)).metadata,
  relabel: () => Promise.reject(new Error("this vendor's programs do not change metadata")),
};

async function e2bList() {
  const all = [];
  for (const pages = E2bSandbox.list(); pages.hasNext;) all.push(...(await pages.nextItems()));
  return all;
}

const daytonaFace: FaceView = {
  async create(labels) {
    const { id, name } = await daytona().create(labels ? { labels } : {});
    return { id, name };
  },
  async use({ id }) {
    const sandbox: DaytonaSandbox = await daytona().get(id);
    return {
      write: (path, text) => sandbox.fs.uploadFile(Buffer.from(text), path),
      read: async (path) => String(await sandbox.fs.downloadFile(path)),
      async run(line) {
        const { exitCode, result } = await sandbox.process.executeCommand(line);
        return { exitCode, output: result };
      },
      async fetch(port) {
        const { url, token } = await sandbox.getPreviewLink(port);
        return textOf(url, { "x-daytona-preview-token": token });
      },
      end: () => sandbox.stop(),
    };
  },
  async list() {
    const ids: string[] = [];
    for await (const { id } of daytona().list()) ids.push(id);
    return ids;
  },
  runs: async ({ id }) => {
    for await (const each of daytona().list()) if (each.id === id) return each.state === "started";
    return false;
  },
  labels: async ({ id }) => (await daytona().get(id)).labels,
  relabel: async ({ id }, labels) => void (await (await daytona().get(id)).setLabels(labels)),
};

/** The clients of three vendors, led to one engine by their variables. */
export const FACE_VIEWS = { vercel, e2b, daytona: daytonaFace } as const;

let client: Daytona | undefined;

/** Made late: it reads the environment. */
function daytona(): Daytona {
  client ??= new Daytona();
  return client;
}

/** To be called when all is done: the client keeps a connection. */
export async function closeViews(): Promise<void> {
  await client?.[Symbol.asyncDispose]();
}

async function textOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(url, { headers });
  return `${answer.status} ${await answer.text()}`;
}
