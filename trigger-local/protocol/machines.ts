import type { MachinePreset, MachinePresetName } from "@trigger.dev/core/v3";

/** vCPUs and gigabytes of each preset. Nothing costs anything here. */
const RESOURCES: Record<MachinePresetName, [cpu: number, memory: number]> = {
  micro: [0.25, 0.25],
  "small-1x": [0.5, 0.5],
  "small-2x": [1, 1],
  "medium-1x": [1, 2],
  "medium-2x": [2, 4],
  "large-1x": [4, 8],
  "large-2x": [8, 16],
};

export function machinePreset(name: MachinePresetName): MachinePreset {
  const [cpu, memory] = RESOURCES[name];
  return { name, cpu, memory, centsPerMs: 0 };
}
