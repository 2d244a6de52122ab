import { expect, test } from "vitest";
import type { PreviewRequest } from "../../engine/face.ts";
import { faceContext } from "../../testing/face-context.ts";
import { listLog } from "../../testing/list-log.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { scriptedEngine } from "../../testing/scripted-engine.ts";
import { aSandbox } from "../../testing/store-rows.ts";
import { previewToken } from "./credentials.ts";
import { toKept } from "./kept.ts";
import { PreviewGates } from "./preview-gates.ts";

const KEY = "DAYTONA_SANDBOX_AUTH_KEY";
const WITHOUT = { without: ["x-daytona-preview-token"] };

/** The gate of a sandbox's port 80, asked without a listener. */
async function gate({ isPublic = false } = {}) {
  const opened: PreviewRequest[] = [];
  const { engine } = scriptedEngine();
  const context = {
    ...faceContext({ engine, log: listLog(), clock: new ManualClock() }),
    async openPreview(request: PreviewRequest) {
      opened.push(request);
      return { url: "http://localhost:1" };
    },
  };
  const gates = new PreviewGates(context);
  const sandboxOf = (open: boolean) => aSandbox({ id: "one", kept: toKept({ public: open }) });
  await gates.open(sandboxOf(isPublic), 80);
  return {
    token: previewToken(context, { id: "one" }),
    setPublic: (open: boolean) => gates.update(sandboxOf(open)),
    ask: (path: string, headers: Record<string, string> = {}) =>
      opened[0]?.admit({
        method: "GET",
        url: `http://localhost:1${path}`,
        headers: new Headers(headers),
      }),
  };
}

const answered = (answer: unknown) =>
  answer instanceof Response
    ? {
        status: answer.status,
        location: answer.headers.get("location"),
        cookie: answer.headers.get("set-cookie")?.split(";")[0],
      }
    : undefined;

test("the program behind a gate is asked as the gate was, without the key", async () => {
  const { ask, token } = await gate();
  expect(ask("/a?raw&b%20c=~", { "x-daytona-preview-token": token })).toEqual(WITHOUT);
  const inQuery = `raw&${KEY}=${token}&b%20c=~`;
  expect(ask(`/a?${inQuery}`)).toEqual({ path: "/a?raw&b%20c=~", ...WITHOUT });
  expect(ask(`/a?${KEY.replace("_", "%5F")}=${token}`)).toEqual({ path: "/a", ...WITHOUT });
  const visited = answered(ask(`/a?${inQuery}`, { accept: "text/html" }));
  expect(visited).toMatchObject({ status: 307, location: "http://localhost:1/a?raw&b%20c=~" });
});

test("a public port gives no way in for later to a key that is none", async () => {
  const { ask, setPublic, token } = await gate({ isPublic: true });
  const browser = { accept: "text/html" };
  expect(ask(`/?${KEY}=none`, browser)).toEqual({ path: "/", ...WITHOUT });
  const { cookie = "" } = answered(ask(`/?${KEY}=${token}`, browser)) ?? {};
  setPublic(false);
  expect(answered(ask(`/?${KEY}=none`, browser))).toMatchObject({ status: 401 });
  expect(ask("/", { cookie })).toEqual(WITHOUT);
});
