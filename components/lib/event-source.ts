import type * as z from "zod";

export interface EventFeed<Schema extends z.ZodType> {
  url: string;
  schema: Schema;
  onEvent: (event: z.output<Schema>) => void;
  /** Told when the stream is there, and when it is gone; it is then asked for again. */
  onConnection: (connected: boolean) => void;
  /** Told when the answer was an error: what was asked for may not be there any more. */
  onRefused?: () => void;
}

// The browser tries again by itself after a broken connection, but not after an answer that is an error.
const RETRY_MS = 2_000;
// A browser opens six connections to one server, for all its windows together: a window that nobody looks at gives its
// own back, but not for a glance at another one.
const UNSEEN_MS = 10_000;

/**
 * Reads server-sent events until the result is called. A stream that breaks is asked for again; events that do not
 * have the schema's shape are left out, so that an older page survives a newer server. While the window is not seen
 * the stream rests; its beginning must therefore say all that there is to know.
 */
export function followEvents<Schema extends z.ZodType>(feed: EventFeed<Schema>): () => void {
  const { url, schema, onEvent, onConnection, onRefused } = feed;
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  let unseen: ReturnType<typeof setTimeout> | undefined;

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
      onRefused?.();
      retry = setTimeout(open, RETRY_MS);
    });
  }

  function close(): void {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  }

  function onVisibility(): void {
    clearTimeout(unseen);
    if (document.hidden) unseen = setTimeout(close, UNSEEN_MS);
    else if (!source) open();
  }

  open();
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    clearTimeout(unseen);
    close();
  };
}
