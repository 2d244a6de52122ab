import { APIError, Drive, Sandbox, Snapshot } from "@vercel/sandbox";
import { describe, expect } from "vitest";
import { type Connection, forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";
import { readText, waitForOutput } from "./texts.ts";

const API = "https://vercel.com/api";

/** What the vendor's own classes are given: where to go, and who calls, which nobody looks at. */
function vendor({ call }: Connection) {
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (!url.startsWith(`${API}/`)) throw new Error(`the vendor's client asked for ${url}`);
    return call(url.slice(API.length), init);
  };
  return { fetch, token: "any", teamId: "team_any", projectId: "prj_any" };
}

forEachTransport((connection) => {
  describe("the vendor's own classes", () => {
    proves(
      "API-021",
      "API-001",
      "API-012",
    )("work from creation to deletion", async () => {
      const account = vendor(connection());
      const sandbox = await Sandbox.create({ ...account, ports: [3_000], env: { A: "1" } });
      expect(Object.getPrototypeOf(Object.getPrototypeOf(sandbox))).toBe(Sandbox.prototype);
      await sandbox.writeFiles([{ path: "file.txt", content: "written" }]);
      const result = await sandbox.runCommand("sh", ["-c", 'cat file.txt; echo " $A" >&2; exit 3']);
      expect(result.exitCode).toBe(3);
      expect(await result.stdout()).toBe("written");
      expect(await result.stderr()).toBe(" 1\n");
      expect(await readText(await sandbox.readFile({ path: "file.txt" }))).toBe("written");
      expect(await sandbox.readFileToBuffer({ path: "missing.txt" })).toBeNull();

      const args = ["-c", "echo ready; exec sleep 600"];
      const command = await sandbox.runCommand({ cmd: "sh", args, detached: true });
      await waitForOutput(command, "ready\n");
      await command.kill("SIGINT");
      expect((await command.wait()).exitCode).toBe(130);

      await sandbox.fs.mkdir("a/b", { recursive: true });
      expect((await sandbox.fs.readdir("a", { withFileTypes: true }))[0]?.isDirectory()).toBe(true);

      const { snapshot } = await sandbox.stop();
      expect(await sandbox.fs.readFile("file.txt", "utf8")).toBe("written");
      expect(sandbox.sourceSnapshotId).toBe(snapshot?.id);
      const made = await sandbox.snapshot();
      const found = await Snapshot.get({ ...account, snapshotId: made.snapshotId });
      expect(found.status).toBe("created");
      const fork = await Sandbox.fork({ ...account, sourceSandbox: sandbox.name });
      expect(await fork.fs.readFile("file.txt", "utf8")).toBe("written");
      await fork.delete();

      const listed = await Sandbox.list({ ...account, limit: 1 });
      expect((await listed.toArray()).map(({ name }) => name)).toContain(sandbox.name);
      await sandbox.delete({ deleteOrphanSnapshots: true });
      const gone = await rejection(Sandbox.get({ ...account, name: sandbox.name }));
      expect(gone).toBeInstanceOf(APIError);
      expect(gone).toMatchObject({ response: { status: 404 } });
    });

    proves("API-022")("build a cloud's URL of a route, which tells the local one", async () => {
      const account = vendor(connection());
      const sandbox = await Sandbox.create({ ...account, ports: [3_000], persistent: false });
      expect(sandbox.domain(3_000)).toMatch(/^https:\/\/sb-\w{12}\.vercel\.run$/);
      const [route] = sandbox.routes;
      expect((await fetch(route?.url ?? "")).status).toBe(502);
      await sandbox.delete();
    });

    proves("API-021")("know drives", async () => {
      const account = vendor(connection());
      const drive = await Drive.getOrCreate({ ...account, name: "of-the-vendors-class" });
      const listed = await Drive.list({ ...account, namePrefix: "of-the", sortBy: "name" });
      expect(listed.drives.map(({ driveId }) => driveId)).toEqual([drive.driveId]);
      await drive.delete();
    });
  });
});
