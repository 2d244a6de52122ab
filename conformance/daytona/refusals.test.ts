import { Image } from "@daytona/sdk";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forDaytona } from "./harness.ts";

/** A request that is wrong, and what the answer's message has to name. */
interface BadRequest {
  method?: string;
  path: string;
  body?: unknown;
  status: number;
  code: string;
  names: string;
}

const API: BadRequest[] = [
  { path: "/nowhere", status: 404, code: "NOT_FOUND", names: "/nowhere" },
  { method: "PUT", path: "/sandbox", status: 405, code: "METHOD_NOT_ALLOWED", names: "GET, POST" },
  { path: "/sandbox/none", status: 404, code: "NOT_FOUND", names: '"none"' },
  { path: "/sandbox?labels=no", status: 400, code: "BAD_REQUEST", names: "labels" },
  { path: "/sandbox?limit=0", status: 400, code: "BAD_REQUEST", names: "limit" },
  { path: "/sandbox?shoeSize=1", status: 400, code: "UNSUPPORTED", names: "shoeSize" },
  { path: "/sandbox", body: [], status: 400, code: "BAD_REQUEST", names: "a list" },
  { path: "/sandbox", body: { name: "a b" }, status: 400, code: "BAD_REQUEST", names: "name" },
  { path: "/sandbox", body: { cpu: 0 }, status: 400, code: "BAD_REQUEST", names: "cpu" },
  { path: "/sandbox", body: { gpu: 1 }, status: 400, code: "UNSUPPORTED", names: "gpu" },
  { path: "/sandbox", body: { snapshot: "none" }, status: 404, code: "NOT_FOUND", names: '"none"' },
  {
    path: "/sandbox",
    body: { volumes: [{ volumeId: "v", mountPath: "/v", subpath: "s" }] },
    status: 400,
    code: "UNSUPPORTED",
    names: "subpath",
  },
  {
    path: "/sandbox",
    body: { autoStopInterval: 1, autoPauseInterval: 1 },
    status: 400,
    code: "BAD_REQUEST",
    names: "autoPauseInterval",
  },
  { path: "/volumes", body: { name: "" }, status: 400, code: "BAD_REQUEST", names: "name" },
  { path: "/volumes/none", status: 404, code: "NOT_FOUND", names: '"none"' },
  { path: "/snapshots", body: { name: "s" }, status: 400, code: "UNSUPPORTED", names: "imageName" },
  {
    path: "/snapshots",
    body: { name: "s", buildInfo: { dockerfileContent: "FROM a\nCOPY b c" } },
    status: 400,
    code: "UNSUPPORTED",
    names: "Line 2 of the Dockerfile: COPY",
  },
  { path: "/secret/none", status: 404, code: "NOT_FOUND", names: "none" },
];

const TOOLBOX: BadRequest[] = [
  {
    path: "/process/execute",
    body: {},
    status: 400,
    code: "INVALID_REQUEST_BODY",
    names: "command",
  },
  {
    path: "/process/execute",
    body: { command: "true", timeout: -1 },
    status: 400,
    code: "INVALID_REQUEST_BODY",
    names: "timeout",
  },
  {
    path: "/process/execute",
    body: { command: "true", cwd: "/none" },
    status: 404,
    code: "FILE_NOT_FOUND",
    names: "/none",
  },
  {
    path: "/process/code-run",
    body: { code: "x", language: "cobol" },
    status: 400,
    code: "BAD_REQUEST",
    names: "unsupported language: cobol",
  },
  { path: "/files/info", status: 400, code: "BAD_REQUEST", names: "path" },
  { path: "/files?path=a&path=b", status: 400, code: "BAD_REQUEST", names: "path" },
  { path: "/files?path=.&depth=0", status: 400, code: "BAD_REQUEST", names: "depth" },
  {
    method: "POST",
    path: "/files/folder?path=a&mode=rwx",
    status: 400,
    code: "BAD_REQUEST",
    names: "mode",
  },
  {
    path: "/files/bulk-download",
    body: { paths: [] },
    status: 400,
    code: "INVALID_REQUEST_BODY",
    names: "paths",
  },
  { path: "/files/bulk-upload", body: {}, status: 400, code: "BAD_REQUEST", names: "multipart" },
  {
    path: "/git/clone",
    body: { path: "x", url: "--upload-pack=touch" },
    status: 400,
    code: "INVALID_REQUEST_BODY",
    names: "url",
  },
  {
    path: "/process/session",
    body: { sessionId: "" },
    status: 400,
    code: "INVALID_REQUEST_BODY",
    names: "sessionId",
  },
  {
    path: "/process/pty",
    body: { id: "a b" },
    status: 400,
    code: "INVALID_REQUEST_BODY",
    names: "id",
  },
];

forDaytona((daytona) => {
  proves("DAY-100")("every error says its status, message, code and source", async () => {
    const { shared, call } = daytona();
    const cases = [
      ...API.map((bad) => ({ ...bad, at: bad.path, source: "DAYTONA_API" })),
      ...TOOLBOX.map((bad) => ({
        ...bad,
        at: `/toolbox/${shared.id}${bad.path}`,
        source: "DAYTONA_DAEMON",
      })),
    ];
    for (const { at, source, method, body, status, code, names } of cases) {
      const asked = method ?? (body === undefined ? "GET" : "POST");
      const response = await call(at, {
        method: asked,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        }),
      });
      const answer: unknown = await response.json();
      expect({ at, answered: response.status, answer }).toEqual({
        at,
        answered: status,
        answer: {
          statusCode: status,
          message: expect.stringContaining(names),
          code,
          source,
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
          path: at.split("?")[0],
          method: asked,
        },
      });
    }
    const wrongKey = await call("/sandbox", { headers: { authorization: "Bearer wrong" } });
    expect(await wrongKey.json()).toMatchObject({ statusCode: 401, code: "UNAUTHORIZED" });
  });

  proves("DAY-101")("what one machine does not have is refused by name", async () => {
    const { client, shared } = daytona();
    const refusals: [string, () => Promise<unknown>][] = [
      ["archive", () => shared.archive()],
      ["resize", () => shared.resize({ cpu: 4 })],
      ["ssh-access", () => shared.createSshAccess(10)],
      ["warm-pools", () => client.warmPool.list()],
      ["computeruse", () => shared.computerUse.start()],
      ["lsp", async () => (await shared.createLspServer("python", ".")).start()],
      ["gpu", () => client.create({ image: "debian:12", resources: { gpu: 1 } })],
      [
        "push-access",
        () => client.create({ image: Image.base("debian:12").addLocalFile("package.json", "/p") }),
      ],
    ];
    for (const [name, refused] of refusals) {
      expect(await rejection(refused())).toMatchObject({
        name: "DaytonaValidationError",
        message: expect.stringContaining(`\`${name}\` is not supported: `),
        statusCode: 400,
        code: "UNSUPPORTED",
      });
    }
  });
});
