import { sessionStreams } from "@trigger.dev/core/v3";
import { sessions, streams } from "@trigger.dev/sdk";
import { HostedSandbox, SANDBOX_HOST } from "sandlot/contract";
import type { HostLink } from "sandlot/host";
import * as z from "zod";

/** What the Session's row holds besides what the host tells: where its log was read to. */
const Cursor = z.object({ readTo: z.int().optional() });

/** After how many records the row is told anew how far they were read. */
const CURSOR_STEP = 256;

/**
 * A host's way to its callers over the Session that stands for its sandbox. What callers ask comes on the
 * Session's input; each reads its answers on a stream of this run. The Session's row is the host's book.
 */
export async function sessionLink({
  runId,
  sessionId,
  closed,
}: {
  runId: string;
  sessionId: string;
  /** Called when somebody closed the Session: nobody can ask any more. */
  closed: () => void;
}): Promise<HostLink> {
  const { metadata } = await sessions.retrieve(sessionId);
  const previous = HostedSandbox.safeParse(metadata);
  const before = Cursor.safeParse(metadata);
  let told = previous.success ? previous.data : undefined;
  const tell = async (hosted: HostedSandbox): Promise<void> => {
    told = hosted;
    const readTo = sessionStreams.lastDispatchedSeqNum(sessionId, "in");
    await sessions.update(sessionId, {
      metadata: { ...hosted, ...(readTo !== undefined && { readTo }) },
    });
  };
  return {
    address: runId,
    previous: told,
    tell,
    // Appended as it is, at once: the writers of streams gather for a tenth of a second.
    write: (caller, record) =>
      streams.append(SANDBOX_HOST.answers(caller), record, { target: runId }),
    async deleted() {
      // A closed session keeps its name, and the next sandbox may have the same one.
      await sessions.update(sessionId, { externalId: `sandlot-gone-${sessionId}` });
      await sessions.close(sessionId, { reason: "The sandbox was deleted." });
    },
    async listen(receive) {
      // A run that follows another would read everything again, from the first record.
      const readTo = before.data?.readTo;
      if (readTo !== undefined) sessionStreams.setLastSeqNum(sessionId, "in", readTo);
      let since = 0;
      const { off } = sessionStreams.onRecord(sessionId, "in", ({ data }) => {
        if (isClose(data)) closed();
        else receive(data);
        since += 1;
        if (since >= CURSOR_STEP && told) {
          since = 0;
          void tell(told).catch(() => undefined); // A later run then reads more than it needs to.
        }
        // Said at once, or the record would count as one that nobody took.
        return true;
      });
      return {
        async [Symbol.asyncDispose]() {
          off();
          sessionStreams.disconnectStream(sessionId, "in");
        },
      };
    },
  };
}

const Close = z.object({ kind: z.literal("close") });

function isClose(record: unknown): boolean {
  return Close.safeParse(record).success;
}
