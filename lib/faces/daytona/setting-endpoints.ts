import * as z from "zod";
import { Tags } from "../../contract/sandbox.ts";
import type { Life } from "../../contract/sandbox-life.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type DaytonaContext, done, type Endpoint, json } from "./answers.ts";
import { findSandbox } from "./find-sandbox.ts";
import { keptOf, toKept } from "./kept.ts";
import { readJson } from "./read-request.ts";
import { presenter } from "./sandbox-endpoints.ts";
import { NetworkSettings, toNetworkPolicy } from "./wire-network.ts";
import {
  DeleteMinutes,
  deleteMinutesToMs,
  Minutes,
  minutesToMs,
  SecretPairs,
} from "./wire-sandbox.ts";
import { checkFields } from "../../engine/face-request.ts";

const LabelsBody = z.object({ labels: Tags });
const SecretsBody = z.object({ secrets: SecretPairs });
const Flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** What each interval in a path changes of when the sandbox ends. `now` is for what counts from now. */
const INTERVALS: Record<
  string,
  (minutes: number, now: number) => { [Field in keyof Life]?: number | undefined }
> = {
  // Of the two, at most one holds: the one that was set last.
  autostop: (minutes) => ({
    idleStopMs: minutesToMs(minutes),
    ...(minutes > 0 && { idlePauseMs: undefined }),
  }),
  autopause: (minutes) => ({
    idlePauseMs: minutesToMs(minutes),
    ...(minutes > 0 && { idleStopMs: undefined }),
  }),
  autodelete: (minutes) => ({ deleteAfterStopMs: deleteMinutesToMs(minutes) }),
};

/** What of a sandbox can be changed while it is there. */
export function settingEndpoints(context: DaytonaContext): Endpoint[] {
  const { engine } = context;
  const present = presenter(context);
  const base = "/sandbox/:id";
  const find = (idOrName: string) => findSandbox(context, idOrName);
  return [
    {
      method: "PUT",
      path: `${base}/labels`,
      async answer({ request, parameter }) {
        const { labels } = await readJson(request, LabelsBody, "a sandbox's labels");
        const { sandbox } = await find(parameter("id"));
        await engine.sandboxes.update(sandbox.name, { tags: labels });
        return json({ labels });
      },
    },
    ...Object.entries(INTERVALS).map(([word, change]): Endpoint => ({
      method: "POST",
      path: `${base}/${word}/:interval`,
      async answer({ request, parameter }) {
        const schema = word === "autodelete" ? DeleteMinutes : Minutes;
        const minutes = readInterval(schema, parameter("interval"));
        const { sandbox } = await find(parameter("id"));
        const life = withoutUndefined({
          ...sandbox.life,
          ...change(minutes, context.clock.now()),
        });
        return present(request, await engine.sandboxes.update(sandbox.name, { life }));
      },
    })),
    {
      method: "POST",
      path: `${base}/ttl/:interval`,
      async answer({ request, parameter }) {
        const ttlMs = minutesToMs(readInterval(Minutes, parameter("interval")));
        const { sandbox } = await find(parameter("id"));
        // Counted from its making, whatever became of it since.
        const deleteAt = ttlMs === undefined ? undefined : sandbox.createdAt + ttlMs;
        const life = withoutUndefined({ ...sandbox.life, deleteAt });
        return present(request, await engine.sandboxes.update(sandbox.name, { life }));
      },
    },
    {
      method: "POST",
      path: `${base}/autoarchive/:interval`,
      async answer({ request, parameter }) {
        const autoArchiveInterval = readInterval(Minutes, parameter("interval"));
        const { sandbox } = await find(parameter("id"));
        const kept = toKept({ ...keptOf(sandbox), autoArchiveInterval });
        return present(request, await engine.sandboxes.update(sandbox.name, { kept }));
      },
    },
    {
      method: "POST",
      path: `${base}/public/:isPublic`,
      async answer({ request, parameter }) {
        const isPublic = checkFields(
          z.object({ isPublic: Flag }),
          { isPublic: parameter("isPublic") },
          "whether previews are public",
        ).isPublic;
        const { sandbox } = await find(parameter("id"));
        const kept = toKept({ ...keptOf(sandbox), public: isPublic });
        return present(request, await engine.sandboxes.update(sandbox.name, { kept }));
      },
    },
    {
      method: "POST",
      path: `${base}/last-activity`,
      async answer({ parameter }) {
        const { session } = await find(parameter("id"));
        await engine.sessions.touch(session.id);
        return done(201);
      },
    },
    {
      method: "POST",
      path: `${base}/network-settings`,
      async answer({ request, parameter }) {
        const settings = await readJson(request, NetworkSettings, "network settings");
        const view = await find(parameter("id"));
        const policy = toNetworkPolicy(settings, view.sandbox.networkPolicy);
        const { name } = view.sandbox;
        // For what runs now, and for whatever starts later.
        if (view.sandbox.status === "running") {
          await engine.sessions.setNetworkPolicy(view.session.id, policy);
        }
        return present(request, await engine.sandboxes.update(name, { networkPolicy: policy }));
      },
    },
    {
      method: "PUT",
      path: `${base}/secrets`,
      async answer({ request, parameter }) {
        const { secrets } = await readJson(request, SecretsBody, "a sandbox's secrets");
        const { sandbox } = await find(parameter("id"));
        return present(request, await engine.sandboxes.update(sandbox.name, { secrets }));
      },
    },
  ];
}

function readInterval(schema: typeof Minutes, text: string): number {
  return checkFields(z.object({ interval: schema }), { interval: text }, "an interval").interval;
}
