import { memoryStore } from "../backends/store/memory-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { Feature } from "../engine/ports.ts";
import { TemplateRecords } from "../engine/templates/template-records.ts";
import { ScriptedCommands } from "./scripted-commands.ts";
import { scriptedDrives, scriptedSnapshots } from "./scripted-keepers.ts";
import { scriptedFiles, scriptedTerminals } from "./scripted-files.ts";
import { scriptedSandboxes } from "./scripted-sandboxes.ts";
import { scriptedSessions } from "./scripted-sessions.ts";
import { ScriptedState } from "./scripted-state.ts";
import { scriptedSecrets, scriptedTemplates } from "./scripted-templates.ts";

export interface ScriptedEngine {
  engine: Engine;
  state: ScriptedState;
  commands: ScriptedCommands;
  terminals: ReturnType<typeof scriptedTerminals>;
}

/**
 * An engine that holds records and nothing else: commands are functions, files are in memory. For tests
 * of what stands on an engine; the rules of a sandbox's life are only as true here as those tests need.
 */
export function scriptedEngine({ offered = true }: { offered?: boolean } = {}): ScriptedEngine {
  const feature: Feature = offered ? { offered } : { offered, reason: "a script enforces nothing" };
  const state = new ScriptedState();
  const commands = new ScriptedCommands(state);
  const templates = new TemplateRecords({ store: memoryStore(), clock: state });
  const terminals = scriptedTerminals(state);
  const engine: Engine = {
    isolation: {
      name: "scripted",
      features: {
        users: feature,
        networkPolicy: feature,
        privatePorts: feature,
        privateFiles: feature,
        limits: feature,
      },
    },
    sandboxes: scriptedSandboxes(state, commands, templates),
    sessions: scriptedSessions(state, commands),
    commands,
    files: scriptedFiles(state),
    snapshots: scriptedSnapshots(state),
    drives: scriptedDrives(state),
    terminals,
    secrets: scriptedSecrets(state),
    templates: scriptedTemplates(state, templates),
    metrics: async (sessionId) => {
      const { vcpus, memoryMb } = state.session(sessionId);
      const memoryTotalBytes = memoryMb * 1024 * 1024;
      return [{ at: state.now(), cpuUsedPercent: 1, cpuCount: vcpus, memoryTotalBytes }];
    },
    isBusy: () => [...state.sessions.values()].some(({ status }) => status === "running"),
    async [Symbol.asyncDispose]() {},
  };
  return { engine, state, commands, terminals };
}
