import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { collect, openSandboxService } from "../../../testing/envd-client.ts";
import { encodeFrame } from "./connect-frames.ts";

let open: Awaited<ReturnType<typeof openSandboxService>>;
beforeAll(async () => {
  open = await openSandboxService();
});
afterAll(async () => open[Symbol.asyncDispose]());

describe("names", () => {
  const fs = (method: string, message: object, headers = {}) =>
    open.call(`filesystem.Filesystem/${method}`, message, headers);

  test("are made, told of, listed, moved and removed", async () => {
    expect(await fs("MakeDir", { path: "dir/sub" })).toMatchObject({
      status: 200,
      json: { entry: { name: "sub", path: "/home/user/dir/sub", type: "FILE_TYPE_DIRECTORY" } },
    });
    expect(await fs("MakeDir", { path: "/home/user/dir" })).toMatchObject({
      status: 409,
      json: { code: "already_exists" },
    });
    await open.ask("/files?path=dir/a.txt", {
      method: "POST",
      body: "12345",
      headers: { "content-type": "application/octet-stream" },
    });
    await open.run("ln -s a.txt dir/link; ln -s nowhere dir/broken; chmod 4755 dir/a.txt");
    const { json } = await fs("ListDir", { path: "~/dir" });
    const { entries } = json as { entries: { name: string }[] };
    expect(entries.map(({ name }) => name)).toEqual(["a.txt", "broken", "link", "sub"]);
    expect(entries).toMatchObject([
      { type: "FILE_TYPE_FILE", size: "5", mode: 0o755, permissions: "urwxr-xr-x" },
      { type: "FILE_TYPE_UNSPECIFIED", symlinkTarget: "/home/user/dir/broken" },
      {
        type: "FILE_TYPE_FILE",
        mode: 0o755,
        permissions: "Lrwxrwxrwx",
        symlinkTarget: "/home/user/dir/a.txt",
      },
      { type: "FILE_TYPE_DIRECTORY", permissions: "drwxr-xr-x" },
    ]);
    expect(await fs("Move", { source: "dir/a.txt", destination: "new/place/b.txt" })).toMatchObject(
      {
        json: { entry: { name: "b.txt", path: "/home/user/new/place/b.txt" } },
      },
    );
    expect(await fs("Remove", { path: "dir" })).toEqual({ status: 200, json: {} });
    expect(await fs("Remove", { path: "dir" })).toEqual({ status: 200, json: {} });
    expect(await fs("Stat", { path: "dir" })).toMatchObject({
      status: 404,
      json: { code: "not_found" },
    });
    expect(await fs("ListDir", { path: "new/place/b.txt" })).toMatchObject({
      status: 400,
      json: { code: "invalid_argument" },
    });
  });

  test("are watched, by a stream and by asking", async () => {
    await fs("MakeDir", { path: "watched/deep" });
    const leave = new AbortController();
    const begin = encodeFrame({ path: "watched", recursive: true, includeEntry: true });
    const stream = await open.stream("filesystem.Filesystem/WatchDir", begin, {
      signal: leave.signal,
    });
    expect((await stream.next()).value).toMatchObject({ message: { start: {} } });
    const { json } = await fs("CreateWatcher", { path: "watched", recursive: true });
    const { watcherId } = json as { watcherId: string };
    await open.run("echo x > watched/deep/file");
    const seen: object[] = [];
    for await (const { message } of stream) {
      seen.push(message);
      if (JSON.stringify(message).includes("EVENT_TYPE_WRITE")) break;
    }
    expect(seen.at(-1)).toMatchObject({
      filesystem: {
        name: "deep/file",
        type: "EVENT_TYPE_WRITE",
        entry: { name: "file", size: "2" },
      },
    });
    leave.abort();
    await expect
      .poll(async () => JSON.stringify(await fs("GetWatcherEvents", { watcherId })))
      .toContain("deep/file");
    expect(await fs("RemoveWatcher", { watcherId })).toEqual({ status: 200, json: {} });
    expect(await fs("GetWatcherEvents", { watcherId })).toMatchObject({ status: 404 });
    const missing = await open.stream(
      "filesystem.Filesystem/WatchDir",
      encodeFrame({ path: "none" }),
    );
    expect(await collect(missing)).toMatchObject({ last: { error: { code: "not_found" } } });
  });
});

describe("files", () => {
  const post = (
    path: string,
    body: NonNullable<RequestInit["body"]>,
    headers: Record<string, string> = {},
  ) => open.ask(path, { method: "POST", body, headers });
  const raw = { "content-type": "application/octet-stream" };

  test("come in a form, each under its own name, and are read back", async () => {
    const form = new FormData();
    form.append("file", new Blob(["one"]), "form/one.txt");
    form.append("file", new Blob([new Uint8Array([0, 255])]), "/home/user/form/two.bin");
    form.append("other", "passed over");
    const response = await post("/files", form);
    expect(await response.json()).toEqual([
      { name: "one.txt", type: "file", path: "/home/user/form/one.txt" },
      { name: "two.bin", type: "file", path: "/home/user/form/two.bin" },
    ]);
    expect(await (await open.ask("/files?path=form/one.txt")).text()).toBe("one");
    const bytes = await (await open.ask("/files?path=form/two.bin")).arrayBuffer();
    expect(new Uint8Array(bytes)).toEqual(new Uint8Array([0, 255]));
  });

  test("come as they are, also compressed, or as a form's plain field", async () => {
    await post("/files?path=plain.txt", "plain", raw);
    expect(await (await open.ask("/files?path=plain.txt")).text()).toBe("plain");
    const packed = await new Response(
      new Blob(["packed"]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer();
    await post("/files?path=plain.txt", packed, { ...raw, "content-encoding": "gzip" });
    expect(await (await open.ask("/files?path=plain.txt")).text()).toBe("packed");
    const form = new FormData();
    form.append("file", "a field");
    await post("/files?path=plain.txt", form);
    const response = await open.ask("/files?path=plain.txt", {
      headers: { "accept-encoding": "gzip" },
    });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    const stream = response.body?.pipeThrough(new DecompressionStream("gzip"));
    expect(await new Response(stream).text()).toBe("a field");
  });

  test("are read in part", async () => {
    await post("/files?path=digits", "0123456789", raw);
    const part = async (range: string, path = "digits") => {
      const response = await open.ask(`/files?path=${path}`, { headers: { range } });
      const { status, headers } = response;
      return [status, headers.get("content-range"), await response.text()];
    };
    expect(await part("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await part("bytes=7-")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await part("bytes=-3")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await part("bytes=5-100")).toEqual([206, "bytes 5-9/10", "56789"]);
    expect(await part("bytes=10-")).toEqual([416, "bytes */10", ""]);
    expect(await part("lines=1-2")).toEqual([200, null, "0123456789"]);
    await post("/files?path=nothing", "", raw);
    expect(await part("bytes=0-", "nothing")).toEqual([200, null, ""]);
    const whole = await open.ask("/files?path=digits");
    expect(whole.headers.get("content-length")).toBe("10");
    const since = whole.headers.get("last-modified") ?? "";
    const again = await open.ask("/files?path=digits", { headers: { "if-modified-since": since } });
    expect(again.status).toBe(304);
  });

  test("are closed when their reader leaves before the first byte", async () => {
    await post("/files?path=unread", "never read", raw);
    const { files } = open.engine;
    using reading = vi.spyOn(files, "read");
    for (const encoding of ["identity", "gzip"]) {
      const left = await open.ask("/files?path=unread", {
        headers: { "accept-encoding": encoding },
      });
      await left.body?.cancel();
      const opened = await (reading.mock.results.at(-1)?.value as ReturnType<typeof files.read>);
      await expect.poll(() => opened.content.destroyed).toBe(true);
    }
  });

  test("are put together to one, and go", async () => {
    await post("/files?path=part1", "one ", raw);
    await post("/files?path=part2", "two", raw);
    const response = await post(
      "/files/compose",
      JSON.stringify({ source_paths: ["part1", "part2"], destination: "whole/both.txt" }),
    );
    expect(await response.json()).toEqual({
      name: "both.txt",
      type: "file",
      path: "/home/user/whole/both.txt",
    });
    expect(await (await open.ask("/files?path=whole/both.txt")).text()).toBe("one two");
    expect((await open.ask("/files?path=part1")).status).toBe(404);
  });

  test("that break off leave what was there", async () => {
    await post("/files?path=kept.txt", "kept", raw);
    const boundary = { "content-type": "multipart/form-data; boundary=xyz" };
    const head =
      '--xyz\r\ncontent-disposition: form-data; name="file"; filename="kept.txt"\r\n\r\n';
    const broken = await post("/files", `${head}half of it`, boundary);
    expect(broken.status).toBe(400);
    expect(await (await open.ask("/files?path=kept.txt")).text()).toBe("kept");
  });
});
