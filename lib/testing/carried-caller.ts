import { type CallerFrame, type CallerRecord, HostRecord } from "../contract/carrier.ts";
import { CarrierClient } from "../host/carrier/carrier-client.ts";
import { PROTOCOL } from "../host/package-version.ts";
import { FrameQueue } from "../host/carrier/frame-queue.ts";

/** A caller of a host, in the same process: records go straight over. */
export interface CarriedCaller {
  /** What the host's `write` is to be. */
  write(caller: string, record: string): Promise<void>;
  /** What was sent, as text. */
  readonly log: string[];
  /** For the vendor's own classes, with made-up credentials. */
  readonly credentials: { token: string; teamId: string; projectId: string; fetch: typeof fetch };
}

/** Sends to the host at that address by `deliver`. */
export function carriedCaller(
  address: string,
  deliver: (record: unknown) => void,
  protocol: number = PROTOCOL,
): CarriedCaller {
  const log: string[] = [];
  const queue = new FrameQueue<CallerFrame>({
    async write(frames, number) {
      const record: CallerRecord = {
        kind: "sandlot",
        protocol,
        to: address,
        from: "caller",
        number,
        frames,
      };
      log.push(JSON.stringify(record));
      deliver(JSON.parse(log.at(-1) ?? ""));
    },
    broken: (error) => client.fail(error),
  });
  const client = new CarrierClient({ send: (frame) => queue.push(frame), busy: () => undefined });
  const carried = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const path = `${url.pathname.replace(/^\/api/, "/vercel")}${url.search}`;
    const response = await client.fetch(path, init as Parameters<typeof client.fetch>[1]);
    // Clients read ids from it.
    return Object.defineProperty(response, "url", { value: url.href });
  };
  return {
    log,
    async write(_caller, record) {
      for (const frame of HostRecord.parse(JSON.parse(record)).frames) {
        if (frame.kind !== "closed") client.receive(frame);
      }
    },
    credentials: {
      token: "t",
      teamId: "team_x",
      projectId: "prj_x",
      fetch: carried as typeof fetch,
    },
  };
}
