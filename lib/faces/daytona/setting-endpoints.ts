import * as z from "zod";
import { Tags, type UpdateSandboxRequest } from "../../contract/sandbox.ts";
import type { Life } from "../../contract/sandbox-life.ts";
import type { SandboxView } from "../../engine/engine.ts";
import { type Call, type Endpoint, checkFields } from "../../engine/face-request.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type DaytonaContext, done, json } from "./answers.ts";
import { changeSandbox, findSandbox } from "./find-sandbox.ts";
import { type Kept, keptOf, toKept } from "./kept.ts";
import { Flag, readJson } from "./read-request.ts";
import { presenter } from "./sandbox-endpoints.ts";
import { NetworkSettings, toNetworkPolicy } from "./wire-network.ts";
import {
  DeleteMinutes,
  deleteMinutesToMs,
  Minutes,
  minutesToMs,
  SecretPairs,
} from "./wire-sandbox.ts";

const LabelsBody = z.object({ labels: Tags });
const SecretsBody = z.object({ secrets: SecretPairs });

/** What a call changes, told from what is there. */
type Change = (view: SandboxView) => UpdateSandboxRequest;

type LifeChange = { [Field in keyof Life]?: number | undefined };

/** Settings that are a part of the path, by the word before it. */
const SETTINGS: Record<string, (text: string) => Change> = {
  // Of these two, at most one holds: the one that was set last.
  autostop: (text) => {
    const minutes = readPart(Minutes, text);
    const pause = minutes > 0 ? { idlePauseMs: undefined } : {};
    return changeLife(() => ({ idleStopMs: minutesToMs(minutes), ...pause }));
  },
  autopause: (text) => {
    const minutes = readPart(Minutes, text);
    const stop = minutes > 0 ? { idleStopMs: undefined } : {};
    return changeLife(() => ({ idlePauseMs: minutesToMs(minutes), ...stop }));
  },
  autodelete: (text) => {
    const deleteAfterStopMs = deleteMinutesToMs(readPart(DeleteMinutes, text));
    return changeLife(() => ({ deleteAfterStopMs }));
  },
  ttl: (text) => {
    const ttlMs = minutesToMs(readPart(Minutes, text));
    // Counted from its making, whatever became of it since.
    return changeLife(({ sandbox: { createdAt } }) => ({
      deleteAt: ttlMs === undefined ? undefined : createdAt + ttlMs,
    }));
  },
  autoarchive: (text) => {
    const autoArchiveInterval = readPart(Minutes, text);
    return changeKept(() => ({ autoArchiveInterval }));
  },
  public: (text) => {
    const isPublic = readPart(Flag, text);
    return changeKept(() => ({ public: isPublic }));
  },
};

/** What of a sandbox can be changed while it is there. */
export function settingEndpoints(context: DaytonaContext): Endpoint[] {
  const { engine } = context;
  const present = presenter(context);
  const base = "/sandbox/:id";
  const change = ({ request, parameter }: Call, changes: Change) =>
    changeSandbox(context, parameter("id"), async (view) =>
      present(request, await engine.sandboxes.update(view.sandbox.name, changes(view))),
    );
  return [
    ...Object.entries(SETTINGS).map(([word, read]): Endpoint => ({
      method: "POST",
      path: `${base}/${word}/:setting`,
      answer: async (call) => change(call, read(call.parameter("setting"))),
    })),
    {
      method: "PUT",
      path: `${base}/labels`,
      async answer(call) {
        const { labels } = await readJson(call.request, LabelsBody, "a sandbox's labels");
        await change(call, () => ({ tags: labels }));
        return json({ labels });
      },
    },
    {
      method: "PUT",
      path: `${base}/secrets`,
      async answer(call) {
        const { secrets } = await readJson(call.request, SecretsBody, "a sandbox's secrets");
        return change(call, () => ({ secrets }));
      },
    },
    {
      method: "POST",
      path: `${base}/last-activity`,
      async answer({ parameter }) {
        const { session } = await findSandbox(context, parameter("id"));
        await engine.sessions.touch(session.id);
        return done(201);
      },
    },
    {
      method: "POST",
      path: `${base}/network-settings`,
      async answer({ request, parameter }) {
        const settings = await readJson(request, NetworkSettings, "network settings");
        return changeSandbox(context, parameter("id"), async ({ sandbox, session }) => {
          const networkPolicy = toNetworkPolicy(settings, sandbox.networkPolicy);
          // For what runs now, and for whatever starts later.
          if (sandbox.status === "running") {
            await engine.sessions.setNetworkPolicy(session.id, networkPolicy);
          }
          return present(request, await engine.sandboxes.update(sandbox.name, { networkPolicy }));
        });
      },
    },
  ];
}

function changeLife(change: (view: SandboxView) => LifeChange): Change {
  return (view) => ({ life: withoutUndefined({ ...view.sandbox.life, ...change(view) }) });
}

export function changeKept(change: (kept: Kept) => Partial<Kept>): Change {
  return ({ sandbox }) => {
    const kept = keptOf(sandbox);
    return { kept: toKept({ ...kept, ...change(kept) }) };
  };
}

function readPart<Setting>(schema: z.ZodType<Setting>, text: string): Setting {
  const fields: { setting: Setting } = checkFields(
    z.object({ setting: schema }),
    { setting: text },
    "a setting",
  );
  return fields.setting;
}
