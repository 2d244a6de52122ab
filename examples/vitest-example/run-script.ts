import { Sandbox } from "@vercel/sandbox";

/** Runs a script that nobody has read, and gives back what it printed. */
export async function runScript(source: string): Promise<{ exitCode: number; output: string }> {
  const sandbox = await Sandbox.create({ persistent: false, timeout: 60_000 });
  try {
    await sandbox.writeFiles([{ path: "script.mjs", content: source }]);
    const command = await sandbox.runCommand("node", ["script.mjs"]);
    return { exitCode: command.exitCode, output: await command.output("both") };
  } finally {
    await sandbox.delete();
  }
}
