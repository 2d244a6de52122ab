import type { Socket } from "node:net";

/** What a request's head may measure before it is given up on; browsers and Node stay far below. */
const HEAD_LIMIT_BYTES = 16 * 1024;
/** For the head to arrive, and for the client to take the answer. */
const PATIENCE_MS = 10_000;
const RELOAD_EVERY_MS = 1_000;
const CODE = "SANDBOX_NOT_LISTENING";

/** Which port of which sandbox was asked for. */
export interface SilentPort {
  port: number;
  sandboxName: string;
}

/**
 * Answers an HTTP request at a port behind which nothing listens: a page that
 * reloads itself once there is something, or JSON for what is no browser. What
 * does not speak HTTP is disconnected.
 */
export function answerNotListening(socket: Socket, silent: SilentPort): void {
  let head = "";
  socket.on("error", () => socket.destroy()); // The client left: nobody to tell.
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on("end", () => socket.end());
  socket.on("data", function read(chunk: Buffer) {
    head += chunk.toString("latin1");
    const isWhole = head.slice(0, HEAD_LIMIT_BYTES).includes("\r\n\r\n");
    if (
      !/^[A-Z]{1,20}( |$)/.test(head.slice(0, 21)) ||
      (!isWhole && head.length > HEAD_LIMIT_BYTES)
    ) {
      socket.destroy();
    } else if (isWhole) {
      socket.off("data", read);
      // A body that is on its way is taken and dropped: a reset would overtake the answer.
      socket.resume();
      socket.end(response(head.slice(0, head.indexOf("\r\n\r\n") + 4), silent));
    }
  });
  socket.resume(); // It was accepted paused.
}

function response(head: string, silent: SilentPort): string {
  const isHead = head.startsWith("HEAD ");
  const wantsPage = /\r\naccept:[^\r]*text\/html/i.test(head);
  const body = wantsPage ? page(silent) : json(silent);
  return [
    "HTTP/1.1 502 Bad Gateway",
    `content-type: ${wantsPage ? "text/html" : "application/json"}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-sandlot-error: ${CODE}`,
    "cache-control: no-store",
    "connection: close",
    "",
    isHead ? "" : body,
  ].join("\r\n");
}

function message({ port, sandboxName }: SilentPort): string {
  return `Nothing listens on port ${port} in sandbox ${sandboxName}.`;
}

function json(silent: SilentPort): string {
  return `${JSON.stringify({ error: { code: CODE, message: message(silent) } })}\n`;
}

// Names and ports hold nothing that HTML would take for its own: letters, digits, dots, dashes.
function page(silent: SilentPort): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${message(silent)}</title>
<noscript><meta http-equiv="refresh" content="2"></noscript>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 20vh auto; padding: 0 1em }
  code { font: 0.95em ui-monospace, monospace }
</style>
<h1>Nothing here yet</h1>
<p>${message(silent)}</p>
<p>This page reloads itself when the app is up. An app should listen on the port that the variable
<code>PORT</code> names, or on ${silent.port} itself.</p>
<script>
  const look = async () => {
    try {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
      if (answer.status !== 502) return location.reload();
    } catch {}
    setTimeout(look, ${RELOAD_EVERY_MS});
  };
  setTimeout(look, ${RELOAD_EVERY_MS});
</script>
</html>
`;
}
