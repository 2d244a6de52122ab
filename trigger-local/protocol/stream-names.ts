/** The stream that a run writes under a key. */
export function runStreamName(runId: string, key: string): string {
  return `runs/${runId}/${key}`;
}

/** The stream that a run reads under an id. */
export function inputStreamName(runId: string, id: string): string {
  return `inputs/${runId}/${id}`;
}

/** One direction of a session, or of one of its side channels. */
export function sessionStreamName(
  sessionId: string,
  { io, channel }: { io: "in" | "out"; channel?: string | undefined },
): string {
  return channel === undefined
    ? `sessions/${sessionId}/${io}`
    : `sessions/${sessionId}/channels/${channel}/${io}`;
}
