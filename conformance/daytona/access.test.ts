import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { type Daytona, forDaytona } from "./harness.ts";

const PORT = 8080;

// Tells what it was asked, so that tests see what came through. `PORT_…` is where the port is without namespaces.
const SERVER = `
const http = require("node:http");
const server = http.createServer((request, response) =>
  response.end([request.url, request.headers["x-daytona-preview-token"]].join(" ")));
server.listen(Number(process.env.PORT ?? ${PORT}), "127.0.0.1", () => console.log("listening"));
`;

/** The sandbox's own server, which listens when this returns. */
async function serve(sandbox: Daytona["shared"]): Promise<void> {
  await sandbox.fs.uploadFile(Buffer.from(SERVER), "server.cjs");
  await sandbox.process.createSession("server");
  const { cmdId } = await sandbox.process.executeSessionCommand("server", {
    command: "node server.cjs",
    runAsync: true,
  });
  await new Promise<void>((resolve) => {
    void sandbox.process.getSessionCommandLogs(
      "server",
      cmdId,
      () => resolve(),
      () => {},
    );
  });
}

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers, redirect: "manual" });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A file of this machine's, outside every sandbox. */
async function secretFile(): Promise<AsyncDisposable & { path: string }> {
  const directory = await mkdtemp(join(tmpdir(), "sandlot-outside-"));
  const path = join(directory, "secret.txt");
  await writeFile(path, "secret");
  return {
    path,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

forDaytona((daytona) => {
  proves(
    "DAY-080",
    "DAY-081",
    "DAY-082",
  )("previews ask for their token", async () => {
    await using sandbox = await daytona().create();
    const { url, token } = await sandbox.getPreviewLink(PORT);
    await serve(sandbox);
    const refused = await get(`${url}/page`);
    expect(refused.status).toBe(401);
    expect(JSON.parse(refused.text)).toMatchObject({ statusCode: 401, code: "UNAUTHORIZED" });
    // The program behind the port sees the request, and not the key.
    const byHeader = await get(`${url}/page?a=b`, { "x-daytona-preview-token": token });
    expect(byHeader).toMatchObject({ status: 200, text: "/page?a=b " });
    const inQuery = `${url}/page?a=b&DAYTONA_SANDBOX_AUTH_KEY=${token}`;
    expect(await get(inQuery)).toMatchObject({ status: 200, text: "/page?a=b " });
    const visited = await get(inQuery, { accept: "text/html" });
    expect(visited.status).toBe(307);
    const cookie = visited.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect(cookie).not.toContain(token);
    const followed = await get(visited.headers.get("location") ?? "", { cookie });
    expect(followed).toMatchObject({ status: 200, text: "/page?a=b " });
    const elsewhere = `${url}//elsewhere.example/?DAYTONA_SANDBOX_AUTH_KEY=${token}`;
    const led = await get(elsewhere, { accept: "text/html" });
    expect(led.headers.get("location")).toBe(`${url}//elsewhere.example/`);

    const signed = await sandbox.getSignedPreviewUrl(PORT, 60);
    expect(await get(signed.url)).toMatchObject({ status: 200, text: "/ " });
    const { token: otherPort } = await sandbox.getSignedPreviewUrl(PORT + 1, 60);
    expect((await get(`${url}/?DAYTONA_SANDBOX_AUTH_KEY=${otherPort}`)).status).toBe(401);
    const second = await sandbox.getSignedPreviewUrl(PORT, 120);
    await sandbox.expireSignedPreviewUrl(PORT, signed.token);
    expect((await get(signed.url)).status).toBe(401);
    expect((await get(second.url)).status).toBe(200);
    await daytona().controls.clock.advance("3m");
    expect((await get(second.url)).status).toBe(401);

    await daytona().call(`/sandbox/${sandbox.id}/public/true`, { method: "POST" });
    expect((await get(`${url}/open`)).text).toBe("/open ");
    await daytona().call(`/sandbox/${sandbox.id}/public/false`, { method: "POST" });
    expect((await get(`${url}/open`)).status).toBe(401);
  });

  proves("DAY-083")("links that the client signs itself", async () => {
    await using sandbox = await daytona().create();
    await sandbox.fs.uploadFile(Buffer.from("by link"), "read me.txt");
    await sandbox.fs.uploadFile(Buffer.from("secret"), "other.txt");
    const read = await sandbox.downloadUrl("read me.txt", 300);
    expect(await get(read)).toMatchObject({ status: 200, text: "by link" });
    const forged = new URL(read);
    forged.searchParams.set("path", "other.txt");
    const refused = await get(forged.href);
    expect(refused.status).toBe(401);
    expect(refused.text).not.toContain("secret");
    expect((await get(read.replace(sandbox.id, daytona().shared.id))).status).toBe(401);
    // A link to read is none to write, and opens nothing else.
    expect((await fetch(read, { method: "DELETE" })).status).toBe(401);
    expect((await get(read.replace("/files/download", "/files"))).status).toBe(401);

    const write = await sandbox.uploadUrl("written.txt");
    const form = new FormData();
    form.append("file", new Blob(["by form"]), "ignored.txt");
    expect((await fetch(write, { method: "POST", body: form })).status).toBe(200);
    expect((await sandbox.fs.downloadFile("written.txt")).toString()).toBe("by form");

    await daytona().controls.clock.advance("6m");
    expect((await get(read)).status).toBe(401);
    const later = await sandbox.downloadUrl("read me.txt", 0);
    expect((await get(later)).status).toBe(200);
    await sandbox.rotateSigningKey();
    expect((await get(later)).status).toBe(401);
    expect((await get(await sandbox.downloadUrl("read me.txt", 0))).status).toBe(200);
  });

  proves("DAY-084")("a token opens its own sandbox's toolbox alone", async () => {
    await using sandbox = await daytona().create();
    const { shared, environment } = daytona();
    const { token } = await sandbox.getPreviewLink(1);
    const toolbox = (id: string, query: string) =>
      get(`${environment["DAYTONA_API_URL"]}/toolbox/${id}/work-dir${query}`);
    expect((await toolbox(sandbox.id, "")).status).toBe(401);
    expect(await toolbox(sandbox.id, `?DAYTONA_SANDBOX_AUTH_KEY=${token}`)).toMatchObject({
      status: 200,
      text: '{"dir":"/home/daytona"}',
    });
    expect((await toolbox(shared.id, `?DAYTONA_SANDBOX_AUTH_KEY=${token}`)).status).toBe(401);
    const api = `${environment["DAYTONA_API_URL"]}/sandbox?DAYTONA_SANDBOX_AUTH_KEY=${token}`;
    expect((await get(api)).status).toBe(401);
    const { token: forPort } = await sandbox.getSignedPreviewUrl(1, 60);
    expect((await toolbox(sandbox.id, `?DAYTONA_SANDBOX_AUTH_KEY=${forPort}`)).status).toBe(401);
  });

  proves("DAY-102")("paths and links do not lead out of a sandbox", async () => {
    const { fs, process } = daytona().shared;
    await using outside = await secretFile();
    const climbing = `../../../../../../..${outside.path}`;
    await process.executeCommand(`ln -s ${climbing} up; ln -s ${outside.path} there; ln -s / root`);
    for (const path of [climbing, `/..${outside.path}`, "up", "there", `root${outside.path}`]) {
      const read = await fs.downloadFile(path).then(String, (error: Error) => error.name);
      expect(read, path).not.toBe("secret");
      await fs.uploadFile(Buffer.from("escaped"), path).catch(() => undefined);
      expect(await readFile(outside.path, "utf8"), path).toBe("secret");
    }
    const nul = await rejection(fs.downloadFile("a\0b"));
    expect(nul.name).toBe("DaytonaValidationError");
  });
});
