import type { RequestHead } from "../../engine/face.ts";

/** The subprotocols of a WebSocket that a client would take. */
export function offeredProtocols({ headers }: Pick<RequestHead, "headers">): string[] {
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",");
  return offered.map((protocol) => protocol.trim()).filter((protocol) => protocol !== "");
}
