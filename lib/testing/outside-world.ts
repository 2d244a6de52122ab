import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { Authority } from "../backends/isolation/namespaces/network/http/authority.ts";
import { networks, type Networks } from "../backends/isolation/namespaces/network/networks.ts";
import { Cleanup } from "../std/cleanup.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/**
 * An outside for sandboxes' networks that is really on this machine's loopback: hosts with names and public
 * addresses, each with servers of the test's.
 */
export class OutsideWorld implements AsyncDisposable {
  readonly hosts: Record<string, string[]> = {};
  readonly detours: Record<string, string> = {};
  /** A folder for keys and the like. */
  readonly directory: string;
  readonly #authority: Authority;
  readonly #cleanup = new Cleanup();

  static async make(): Promise<OutsideWorld> {
    const directory = await temporaryDirectory();
    const authority = await Authority.open(join(directory.path, "outside"));
    await writeFile(join(directory.path, "outside.pem"), authority.pem);
    const world = new OutsideWorld(directory.path, authority);
    world.#cleanup.add(() => directory[Symbol.asyncDispose]());
    return world;
  }

  private constructor(directory: string, authority: Authority) {
    this.directory = directory;
    this.#authority = authority;
  }

  /** Where its networks keep their keys. */
  get keysDirectory(): string {
    return join(this.directory, "keys");
  }

  /** Of who vouches for the outside's servers. */
  get authorityPem(): string {
    return this.#authority.pem;
  }

  /** Networks whose outside this is; its hosts must be there before. */
  networks(more: { morePorts?: number[] } = {}): Networks {
    return networks({
      ...more,
      directory: this.keysDirectory,
      env: {
        PATH: process.env["PATH"] ?? "",
        // The machine trusts the outside's authority; sandboxes have never heard of it.
        NODE_EXTRA_CA_CERTS: join(this.directory, "outside.pem"),
      },
      hosts: this.hosts,
      detours: this.detours,
    });
  }

  /** Gives a name an address without anything behind it. */
  name(name: string, ...addresses: string[]): void {
    this.hosts[name] = addresses;
  }

  async serveHttp(address: string, port: number, listener: RequestListener): Promise<Server> {
    return this.serve(address, port, createHttp(listener));
  }

  /** With a certificate for the name that the outside's authority signed. */
  async serveHttps(
    address: string,
    port: number,
    { name, listener }: { name: string; listener: RequestListener },
  ): Promise<Server> {
    const SNICallback: NonNullable<Parameters<typeof createHttps>[0]["SNICallback"]> = (
      _name,
      done,
    ) => {
      this.#authority.contextFor(name).then((context) => done(null, context), done);
    };
    return this.serve(address, port, createHttps({ SNICallback }, listener));
  }

  async serveTcp(
    address: string,
    port: number,
    listener: (socket: Socket) => void,
  ): Promise<Server> {
    return this.serve(address, port, createServer(listener));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }

  /** Puts a server of any kind at the address. */
  async serve<S extends Server>(address: string, port: number, server: S): Promise<S> {
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.detours[`${address}:${port}`] = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#cleanup.add(async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return server;
  }
}
