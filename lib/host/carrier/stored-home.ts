import { spawn } from "node:child_process";
import { createWriteStream, openAsBlob } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { SandboxError } from "../../contract/errors.ts";
import { nativeFetch } from "../native-fetch.ts";

/** A state folder and the address at which an archive of it lies. */
export interface StoredHome {
  url: string;
  path: string;
}

// Owners by number, and what the layers say in extended attributes: names mean nothing elsewhere.
const FAITHFUL = ["--numeric-owner", "--xattrs", "--xattrs-include=*"];
/** What belongs to the engine that uses the folder or to its machine, not to the sandbox; it is made anew. */
const LEFT_OUT = [
  "engine.lock*",
  "start.lock*",
  "engine.json",
  "*.sock",
  "isolation/namespaces/engine-layer*",
  "isolation/namespaces/ready/*",
  "isolation/namespaces/temporary/*",
];

// What is left out comes and goes while the folder is read, which tar notices by the directories that hold it.
const HARMLESS =
  /^tar: \.(?:\/isolation\/namespaces(?:\/ready|\/temporary)?)?: file changed as we read it$/;

/** Writes an archive of the folder to its address, in place of an earlier one. Only while nothing changes it. */
export async function storeHome({ url, path }: StoredHome): Promise<void> {
  await using scratch = await scratchFile();
  const exclude = LEFT_OUT.map((name) => `--exclude=./${name}`);
  // Little compression: it is the run's time that is paid for.
  await tar(["--create", "--use-compress-program=gzip -1", ...FAITHFUL, ...exclude, "."], {
    path,
    file: scratch.file,
  });
  const response = await send("PUT", url, await openAsBlob(scratch.file));
  if (!response.ok) throw refused("stored at", url, response);
}

/** Fills the empty folder from its archive; false when there is none. */
export async function fetchHome({ url, path }: StoredHome): Promise<boolean> {
  const response = await send("GET", url);
  if (response.status === 404) return false;
  if (!response.ok || !response.body) throw refused("fetched from", url, response);
  await using scratch = await scratchFile();
  await pipeline(Readable.fromWeb(response.body), createWriteStream(scratch.file));
  await tar(["--extract", "--gzip", "--preserve-permissions", ...FAITHFUL], {
    path,
    file: scratch.file,
  });
  return true;
}

/** Deletes the archive; there may be none. */
export async function forgetHome({ url }: Pick<StoredHome, "url">): Promise<void> {
  const response = await send("DELETE", url);
  if (!response.ok && response.status !== 404) throw refused("deleted from", url, response);
}

async function send(method: "GET" | "PUT" | "DELETE", address: string, body?: Blob) {
  const url = new URL(address);
  const headers = new Headers();
  if (url.username !== "" || url.password !== "") {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.set("authorization", `Basic ${Buffer.from(user).toString("base64")}`);
    url.username = url.password = "";
  }
  try {
    const response = await nativeFetch(url, { method, headers, ...(body && { body }) });
    if (method !== "GET") await response.body?.cancel();
    return response;
  } catch (error) {
    throw new SandboxError(
      "engine_unavailable",
      `The place where sandboxes are kept (${place(address)}) cannot be reached. SANDLOT_KEEP names it.`,
      { cause: error },
    );
  }
}

function refused(what: string, url: string, { status }: Response): SandboxError {
  return new SandboxError(
    "engine_unavailable",
    `The sandbox could not be ${what} ${place(url)}: the answer was ${status}. SANDLOT_KEEP names the place: an address below which GET, PUT and DELETE work.`,
  );
}

/** Without the password. */
function place(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

async function scratchFile(): Promise<AsyncDisposable & { file: string }> {
  const directory = await mkdtemp(join(tmpdir(), "sandlot-archive-"));
  return {
    file: join(directory, "home.tar.gz"),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

async function tar(args: string[], { path, file }: { path: string; file: string }): Promise<void> {
  const child = spawn("tar", [`--directory=${path}`, `--file=${file}`, ...args], {
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = Promise.withResolvers<number | null>();
  child.once("error", ended.reject);
  child.once("close", ended.resolve);
  const [said, code] = await Promise.all([text(child.stderr), ended.promise]);
  const changed = code === 1 ? said.trim().split("\n") : [];
  if (code === 0 || (changed.length > 0 && changed.every((line) => HARMLESS.test(line)))) return;
  throw new SandboxError("internal", `tar ended with ${code}: ${said.trim().slice(-2_000)}`);
}
