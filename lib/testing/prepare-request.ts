import type { PrepareRequest } from "../engine/ports.ts";
import { newId } from "../std/ids.ts";

/** What an isolation is asked for where a test does not care. */
export function prepareRequest(request: Partial<PrepareRequest> = {}): PrepareRequest {
  const sessionId = newId("sbx");
  return {
    sessionId,
    sandboxName: `box-${sessionId.slice(4, 12)}`,
    cwd: "/vercel/sandbox",
    home: "/vercel",
    user: "vercel-sandbox",
    mounts: [],
    ports: [],
    networkPolicy: { mode: "allow-all" },
    vcpus: 2,
    memoryMb: 4_096,
    ...request,
  };
}
