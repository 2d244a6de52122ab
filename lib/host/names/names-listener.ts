import { writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { SecureContext } from "node:tls";
import type { Authority } from "../../backends/isolation/namespaces/network/http/authority.ts";
import { MadeOnce } from "../../std/made-once.ts";
import { accessToken } from "../access-token.ts";
import type { ApiServer, Serve } from "../api-server.ts";
import { guardFace } from "../face-guard.ts";
import type { FaceAt, FaceMount } from "../face-mounts.ts";
import { lastPort, listenStably } from "../listen-stably.ts";
import type { Refusal } from "../loopback-guard.ts";
import { stateFolder } from "../state-folder.ts";

/** The domain of the names: below `localhost`, which is this machine to every resolver that keeps to RFC 6761. */
export const NAMES_DOMAIN = "e2b.localhost";

interface NamesListenerOptions {
  home: string;
  /** The face that the names are for. */
  mount: FaceMount;
  serve: Serve;
}

/** What programs need to know to use the names. */
export interface NamesAddress {
  /** With the port. */
  domain: string;
  /** The file of the authority's certificate. */
  certificate: string;
}

interface Opened extends NamesAddress {
  api: ApiServer;
}

/**
 * The second way to a face: `https://api.<domain>` and `https://<port>-<sandbox>.<domain>`, on a loopback port of
 * its own, with certificates of an authority that nobody trusts but those who are told to, and that can vouch for
 * names of this domain alone.
 */
export class NamesListener implements AsyncDisposable {
  readonly #options: NamesListenerOptions;
  readonly #opened = new MadeOnce(() => this.#open());

  constructor(options: NamesListenerOptions) {
    this.#options = options;
  }

  /** Opened once, by the first who asks; on the port that this folder had last, if that is free. */
  async open(): Promise<NamesAddress> {
    const { domain, certificate } = await this.#opened.get();
    return { domain, certificate };
  }

  /** Whether it listened when an engine had this folder before. */
  get wasOpen(): boolean {
    return lastPort(stateFolder(this.#options.home).lastNamesPort) !== 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened.current?.catch(() => undefined);
    await opened?.api[Symbol.asyncDispose]();
  }

  async #open(): Promise<Opened> {
    const { home, mount, serve } = this.#options;
    const folder = stateFolder(home);
    // Its library is large, and most daemons never need it.
    const { Authority } =
      await import("../../backends/isolation/namespaces/network/http/authority.ts");
    const authority = await Authority.open(folder.names, { domain: NAMES_DOMAIN });
    await writeFile(folder.namesCertificate, authority.pem, { mode: 0o644 });
    const token = accessToken(folder.token);
    let domain = NAMES_DOMAIN;
    const api = serve({
      // All of the listener is the face's: its clients know no prefix here.
      mounts: [{ ...mount, prefix: "" }],
      guard: (request, at) => guardNames(request, at, { domain, token }),
      secureContext: (name) => contextFor(authority, name),
    });
    domain = `${NAMES_DOMAIN}:${await listenStably(api.server, folder.lastNamesPort)}`;
    return { api, domain, certificate: folder.namesCertificate };
  }
}

async function contextFor(authority: Authority, name: string): Promise<SecureContext> {
  // Each certificate takes a signature, and clients would refuse one for any other name.
  if (!/^[a-z0-9-]{1,63}\.e2b\.localhost$/.test(name)) {
    throw new Error(`${JSON.stringify(name)} is no name of this listener's.`);
  }
  return authority.contextFor(name);
}

/**
 * The API's name takes the token or the face's own key, and no web page, as every listener does. A sandbox's names
 * are the face's to guard: what listens there are its apps, and who may call those is their business.
 */
function guardNames(
  request: IncomingMessage,
  at: FaceAt | undefined,
  { domain, token }: { domain: string; token: string },
): Refusal | undefined {
  if (!at) {
    // A whole URL in the place of a path, as proxies are asked: the host's own paths are not for these names.
    const message = `${JSON.stringify(request.url)} is no path. Ask for one that begins with a slash.`;
    return { status: 403, message };
  }
  const host = (request.headers.host ?? "").toLowerCase();
  const label = host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : "";
  if (/^\d{1,5}-[a-z0-9]+$/.test(label)) return undefined;
  if (label !== "api") {
    const message = `The Host header names ${JSON.stringify(host)}. Use api.${domain} or <port>-<sandbox>.${domain}.`;
    return { status: 403, message };
  }
  return guardFace(request, at, { hosts: [`api.${domain}`], scheme: "https", token });
}
