import { sessionStreams } from "@trigger.dev/core/v3";
import { sessions, task } from "@trigger.dev/sdk";

interface HostPayload {
  name: string;
  sessionId: string;
  continuation?: boolean;
}

/** What the host writes: `ready` for each run of it, then an answer to each command. */
interface Answer {
  seq: number;
  text: string;
}

/** Answers commands of its session until one says `end`; `crash` ends its process. It answers none twice. */
export const sessionHost = task({
  id: "session-host",
  run: async ({ name, sessionId, continuation = false }: HostPayload) => {
    const session = sessions.open(sessionId);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    let answered = -1;
    if (continuation) {
      const stream = await session.out.read<Answer>({ timeoutInSeconds: 1 });
      for await (const answer of stream) answered = Math.max(answered, answer.seq);
      sessionStreams.setLastSeqNum(sessionId, "in", answered);
    }
    await session.out.append({ seq: answered, text: continuation ? "continued" : `ready ${name}` });
    let writing = Promise.resolve();
    const subscription = sessionStreams.onRecord(sessionId, "in", ({ seqNum, data }) => {
      const text =
        typeof data === "object" && data !== null && "text" in data ? String(data.text) : "?";
      writing = writing.then(async () => {
        await session.out.append({ seq: seqNum, text: `${text}!` });
        if (text === "crash") process.exit(3);
        if (text === "end") end();
      });
      return true;
    });
    await ended;
    subscription.off();
    return { answered: name };
  },
});
