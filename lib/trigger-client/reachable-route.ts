import { ingressUrl } from "../host/ingress.ts";
import { sharedTransport } from "../host/shared-transport.ts";

/** The route's URL as this program reaches it. Throws `unsupported` for a sandbox in a run into which nothing leads. */
export function reachable(route: { url: string; port: number }): string {
  return sharedTransport().kind === "trigger" ? ingressUrl(route) : route.url;
}
