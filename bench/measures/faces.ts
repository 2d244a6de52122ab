import { Daytona } from "@daytona/sdk";
import { Sandbox as E2bSandbox } from "e2b";
import { Sandbox } from "sandlot";
import { readSettings, vendorEnvironment } from "sandlot/host";
import { both, type Measure, type Row } from "../measure.ts";
import { interleave, type Summary, timed } from "../statistics.ts";
import { type Listener, type RawFace, rawDaytona, rawE2b, rawVercel } from "./raw-faces.ts";

const MEGABYTES = 8;
const OUTPUT_BYTES = MEGABYTES * 1024 * 1024;
const OUTPUT = `yes 'log line log line log line' | head -c ${OUTPUT_BYTES}`;
const FILES = Array.from({ length: 2_600 }, (_, index) => ({
  path: `files/${index % 50}/${index}.txt`,
  content: `file ${index}\n`.repeat(40),
}));
/** No face costs more than this beside the one that the library speaks itself. */
const GOAL = 1.5;

/** What a program of one vendor's does, in a sandbox that it made. */
interface Program {
  create(): Promise<void>;
  command(): Promise<void>;
  output(): Promise<void>;
  /** The same sandbox without the vendor's client. */
  raw(listener: Listener, directory: string): Promise<RawFace>;
  files(): Promise<void>;
  end(): Promise<void>;
}

function must(length: number): void {
  if (length !== OUTPUT_BYTES) throw new Error(`${length} bytes of output arrived`);
}

async function vercelProgram(): Promise<Program> {
  const sandbox = await Sandbox.create({ persistent: false });
  return {
    create: async () => {
      const made = await Sandbox.create({ persistent: false });
      await made.runCommand("true");
      ends.push(() => made.delete());
    },
    // As e2b's programs have it: a login shell takes its time, whichever face it was asked for through.
    command: async () =>
      void (await (await sandbox.runCommand("bash", ["-l", "-c", "echo hi"])).stdout()),
    output: async () =>
      must((await (await sandbox.runCommand("sh", ["-c", OUTPUT])).stdout()).length),
    raw: (listener, directory) => {
      const { sessionId, cwd } = sandbox.currentSession();
      return rawVercel(listener, { sessionId, cwd }, { files: FILES, directory });
    },
    files: () => sandbox.writeFiles(FILES),
    end: () => sandbox.delete(),
  };
}

async function e2bProgram(): Promise<Program> {
  const sandbox = await E2bSandbox.create();
  return {
    create: async () => {
      const made = await E2bSandbox.create();
      await made.commands.run("true");
      ends.push(() => made.kill());
    },
    command: async () => void (await sandbox.commands.run("echo hi")),
    output: async () => must((await sandbox.commands.run(OUTPUT)).stdout.length),
    raw: (listener) => rawE2b(listener, sandbox.sandboxId, FILES),
    files: async () => {
      await sandbox.files.writeFiles(FILES.map(({ path, content }) => ({ path, data: content })));
    },
    end: async () => void (await sandbox.kill()),
  };
}

async function daytonaProgram(client: Daytona): Promise<Program> {
  const sandbox = await client.create();
  return {
    create: async () => {
      const made = await client.create();
      await made.process.executeCommand("true");
      ends.push(() => made.delete());
    },
    command: async () => void (await sandbox.process.executeCommand("echo hi")),
    output: async () => must((await sandbox.process.executeCommand(OUTPUT)).result.length),
    raw: (listener) => rawDaytona(listener, `${sandbox.toolboxProxyUrl}/${sandbox.id}`, FILES),
    files: async () => {
      const files = FILES.map(({ path, content }) => ({
        source: Buffer.from(content),
        destination: path,
      }));
      await sandbox.fs.uploadFiles(files);
    },
    end: () => sandbox.delete(),
  };
}

/** Sandboxes that were made to see how long that takes; deleting them is not measured. */
const ends: (() => Promise<unknown>)[] = [];

/** The clients of three vendors against one daemon, each as its own programs use it. */
export const faces: Measure = {
  name: "faces",
  async run({ create, directory, quick }) {
    // A daemon of the library's own: the other faces are asked for by what leads there.
    await using _ = await create();
    const before = { ...process.env };
    for (const vendor of ["e2b", "daytona"] as const) {
      Object.assign(process.env, await vendorEnvironment(vendor, readSettings()));
    }
    const client = new Daytona();
    try {
      const programs = {
        vercel: await vercelProgram(),
        e2b: await e2bProgram(),
        daytona: await daytonaProgram(client),
      };
      const listener = {
        origin: new URL(process.env["DAYTONA_API_URL"] ?? "").origin,
        token: process.env["DAYTONA_API_KEY"] ?? "",
      };
      const rows: Row[] = [];
      for (const [step, what, rounds] of [
        ["create", "create → first command's end, through each vendor's client", quick ? 3 : 20],
        ["command", "one more command", quick ? 5 : 60],
        ["output", `${MEGABYTES} MB of output`, quick ? 2 : 10],
        ["files", "2,600 files in one call", quick ? 1 : 6],
      ] as const) {
        const { vercel, e2b, daytona } = programs;
        const measured = await interleave(
          {
            vercel: () => timed(() => vercel[step]()),
            e2b: () => timed(() => e2b[step]()),
            daytona: () => timed(() => daytona[step]()),
          },
          { rounds },
        );
        for (const end of ends.splice(0)) await end();
        // What a vendor's client takes for bytes is not ours to mend: the faces themselves are below.
        rows.push(row(what, measured, step === "output" || step === "files" ? "–" : undefined));
      }
      const raw = {
        vercel: await programs.vercel.raw(listener, await directory()),
        e2b: await programs.e2b.raw(listener, await directory()),
        daytona: await programs.daytona.raw(listener, await directory()),
      };
      const drained = (face: RawFace) => () =>
        timed(async () => {
          const bytes = await face.output(OUTPUT);
          if (bytes < OUTPUT_BYTES) throw new Error(`${bytes} bytes of output arrived`);
        });
      const uploaded = (face: RawFace) => () => timed(() => face.upload());
      for (const [what, measure, rounds] of [
        [`${MEGABYTES} MB of output`, drained, quick ? 2 : 10],
        ["2,600 files in one call", uploaded, quick ? 1 : 6],
      ] as const) {
        const measured = await interleave(
          { vercel: measure(raw.vercel), e2b: measure(raw.e2b), daytona: measure(raw.daytona) },
          { rounds },
        );
        rows.push(row(`${what}, without the vendors' clients`, measured));
      }
      for (const program of Object.values(programs)) await program.end();
      return rows;
    } finally {
      await client[Symbol.asyncDispose]();
      process.env = before;
    }
  },
};

/** `goal` where it is not the face's own: what a vendor's client takes is not ours to mend. */
function row(
  what: string,
  measured: Record<"vercel" | "e2b" | "daytona", Summary>,
  goal = `≤ ${GOAL}×`,
): Row {
  const { vercel, e2b, daytona } = measured;
  const times = (summary: Summary) => summary.p50 / vercel.p50;
  const told = (name: string, summary: Summary) =>
    `${name} ${times(summary).toFixed(2)}×: ${both(summary)}`;
  return {
    what: `faces: ${what}`,
    baseline: `the Vercel face: ${both(vercel)}`,
    goal,
    result: `${told("e2b", e2b)}; ${told("Daytona", daytona)}`,
    ...(goal !== "–" && { reached: times(e2b) <= GOAL && times(daytona) <= GOAL }),
    numbers: measured,
  };
}
