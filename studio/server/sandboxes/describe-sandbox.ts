import type { Sandbox } from "sandlot";
import type { Usage } from "sandlot/contract";
import { SandboxStatus, type SandboxSummary } from "../../contract/sandbox.ts";
import { toStudioError } from "../http/to-studio-error.ts";

/** A sandbox for people. With `usage` also what it takes of the disk, and what a running one used of the processors. */
export async function describeSandbox(
  sandbox: Sandbox,
  options: { project?: { id: string; name: string } | undefined; usage?: boolean } = {},
): Promise<SandboxSummary> {
  const status = SandboxStatus.catch("stopped").parse(sandbox.status);
  const isRunning = status === "running";
  const taken = options.usage ? await usageOf(sandbox) : {};
  const { expiresAt, vcpus, memory, totalActiveCpuDurationMs } = sandbox;
  const cpuMs = (totalActiveCpuDurationMs ?? 0) + (isRunning ? (taken.cpuMs ?? 0) : 0);
  return {
    sandboxId: sandbox.name,
    status,
    ports: isRunning ? sandbox.routes.map(({ port }) => ({ port, url: sandbox.domain(port) })) : [],
    createdAt: sandbox.createdAt.getTime(),
    ...(isRunning && expiresAt && { expiresAt: expiresAt.getTime() }),
    ...(options.project && { project: options.project }),
    ...(vcpus !== undefined && { vcpus }),
    ...(memory !== undefined && { memoryMb: memory }),
    ...(taken.diskBytes !== undefined && { diskBytes: Math.round(taken.diskBytes) }),
    ...(cpuMs > 0 && { cpuMs: Math.round(cpuMs) }),
  };
}

/** What is known of it. The cloud does not say, and what was stopped meanwhile has told its last. */
async function usageOf(sandbox: Sandbox): Promise<Partial<Usage>> {
  try {
    return await sandbox.usage({ disk: true });
  } catch (error) {
    if (toStudioError(error).code === "internal") throw error;
    return {};
  }
}
