import { expect, test } from "vitest";
import { faceContext } from "../../testing/face-context.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";
import { daytonaFace } from "./daytona-face.ts";
import { callFace } from "../../testing/face-call.ts";

/** The face over real processes and files, with a sandbox of its own. */
async function realDaytona(body: object = {}) {
  const made = await temporaryEngine();
  const { engine, clock } = made;
  const face = daytonaFace(faceContext({ engine, log: made.parts.log, clock }));
  const call = (method: string, path: string, given?: unknown) =>
    callFace(face, [method, path], given);
  const { json } = await call("POST", "/sandbox", { name: "box", ...body });
  const { id } = json as { id: string };
  return {
    call,
    toolbox: (method: string, path: string, given?: unknown) =>
      call(method, `/toolbox/${id}${path}`, given),
    /** What a line of the shell says. */
    async says(command: string) {
      const ran = await call("POST", `/toolbox/${id}/process/execute`, { command });
      return (ran.json as { result: string }).result;
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

test("a text is replaced in a file that holds other bytes, too, and behind a link", async () => {
  await using daytona = await realDaytona();
  await daytona.says(
    "printf 'one \\351 \\303\\251 one\\n' >latin; chmod 640 latin; ln -s latin link; printf x >x; chmod 400 x",
  );
  const replaced = await daytona.toolbox("POST", "/files/replace", {
    files: ["link", "x"],
    pattern: "one",
    newValue: "é",
  });
  expect(replaced.json).toEqual([
    { file: "link", success: true },
    { file: "x", success: true },
  ]);
  const bytes = "303 251 040 351 040 303 251 040 303 251 012";
  expect((await daytona.says("od -An -to1 latin")).trim()).toBe(bytes);
  expect(await daytona.says("stat -c %a latin x; readlink link")).toBe("640\n400\nlatin\n");
});

test("a file is searched by a link's name", async () => {
  await using daytona = await realDaytona();
  await daytona.says("mkdir there; echo needle >there/file; ln -s there/file one; ln -s there all");
  const found = async (path: string) =>
    (await daytona.toolbox("GET", `/files/find?path=${path}&pattern=needle`)).json;
  expect(await found("one")).toEqual([{ file: "one", line: 1, content: "needle" }]);
  expect(await found("all")).toEqual([{ file: "all/file", line: 1, content: "needle" }]);
  expect(await found("./there/")).toEqual([{ file: "there/file", line: 1, content: "needle" }]);
});

test("of two sessions of one id that are asked for at once one is made", async () => {
  await using daytona = await realDaytona();
  const session = { sessionId: "twin" };
  const made = await Promise.all(
    [1, 2].map(() => daytona.toolbox("POST", "/process/session", session)),
  );
  const statuses = made.map(({ status }) => status);
  expect(statuses.toSorted((one, other) => one - other)).toEqual([201, 409]);
});

test("a session that can be nowhere is refused when it is made", async () => {
  await using daytona = await realDaytona({ env: { TMPDIR: "/proc/none" } });
  const refused = await daytona.toolbox("POST", "/process/session", { sessionId: "none" });
  expect(refused).toMatchObject({ status: 400, json: { code: "UNSUPPORTED" } });
  expect((await daytona.toolbox("GET", "/process/session")).json).toEqual([]);
});

test("other processors leave a sandbox its memory", async () => {
  await using daytona = await realDaytona({ memory: 3 });
  await daytona.call("POST", "/sandbox/box/stop");
  const resized = await daytona.call("POST", "/sandbox/box/resize", { cpu: 4 });
  expect(resized).toMatchObject({ status: 200, json: { cpu: 4, memory: 3 } });
});

test("a branch is checked out, and never a file of its name", async () => {
  await using daytona = await realDaytona();
  await daytona.says(
    "git init -q -b main r; cd r; echo kept >name; git add name; git -c user.name=a -c user.email=b commit -qm c; echo changed >name",
  );
  const refused = await daytona.toolbox("POST", "/git/checkout", { path: "r", branch: "name" });
  expect(refused).toMatchObject({ status: 404, json: { code: "GIT_BRANCH_NOT_FOUND" } });
  expect(await daytona.says("cat r/name")).toBe("changed\n");
});
