import type * as z from "zod";

export interface EventFeed<Schema extends z.ZodType> {
  url: string;
  schema: Schema;
  onEvent: (event: z.output<Schema>) => void;
  /** Told when the stream is there, and when it is gone; it is then asked for again. */
  onConnection: (connected: boolean) => void;
}

// The browser tries again by itself after a broken connection, but not after an answer that is an error.
const RETRY_MS = 2_000;

/**
 * Reads server-sent events until the result is called. A stream that breaks is asked for again; events that do not
 * have the schema's shape are left out, so that an older page survives a newer server.
 */
export function followEvents<Schema extends z.ZodType>(feed: EventFeed<Schema>): () => void {
  const { url, schema, onEvent, onConnection } = feed;
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener("open", () => onConnection(true));
    opened.addEventListener("message", (message: MessageEvent<string>) => {
      const event = schema.safeParse(JSON.parse(message.data));
      if (event.success) onEvent(event.data);
    });
    opened.addEventListener("error", () => {
      onConnection(false);
      if (opened.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(open, RETRY_MS);
    });
  }

  open();
  return () => {
    clearTimeout(retry);
    source?.close();
  };
}
