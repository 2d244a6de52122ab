import * as latest from "e2b";
import * as e2b245 from "e2b-2.45";
import * as e2b250 from "e2b-2.50";
import type { TestControls } from "sandlot/host";
import { afterAll, beforeAll, describe } from "vitest";
import type { Connection } from "../harness.ts";
import { openVendorDaemon, type VendorDaemon } from "../vendor-daemon.ts";

export type Sdk = typeof latest;

/** The vendor's clients of several ages. What the tests use of them has not changed its shape. */
export const SDKS: Readonly<Record<string, Sdk>> = {
  "2.51": latest,
  "2.50": e2b250 as unknown as Sdk,
  "2.45": e2b245 as unknown as Sdk,
};

type CreateOptions = latest.SandboxOpts & { template?: string };

/** A daemon with a state folder of its own, to which the vendor's clients are led by variables alone. */
export interface E2b {
  /** The client that is being tried. */
  readonly sdk: Sdk;
  readonly controls: TestControls;
  /** The daemon, as programs of another face reach it. */
  readonly connection: Connection;
  readonly environment: Record<string, string>;
  /** A sandbox that is killed when it is disposed of. */
  create(options?: CreateOptions): Promise<Disposing>;
  /** One call of the control API as it is, such as `/v2/sandboxes`, with the account's key. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

export type Disposing = InstanceType<Sdk["Sandbox"]> & AsyncDisposable;

let daemon: VendorDaemon | undefined;
let isPlanned = false;

/**
 * Declares the same tests for each version of the client (the latest alone by default). A file has one daemon,
 * however often this is called in it.
 */
export function forE2b(
  declare: (e2b: () => E2b) => void,
  { versions = ["2.51"] }: { versions?: readonly (keyof typeof SDKS)[] } = {},
): void {
  if (!isPlanned) {
    isPlanned = true;
    beforeAll(async () => {
      daemon = await openVendorDaemon("e2b");
    });
    afterAll(async () => {
      await daemon?.[Symbol.asyncDispose]();
    });
  }
  for (const version of versions) {
    describe(`e2b ${version}:`, () => {
      const sdk = SDKS[version];
      declare(() => {
        if (!daemon || !sdk) throw new Error("the daemon is there while tests run, not before");
        const { environment, connection, controls } = daemon;
        return {
          sdk,
          connection,
          controls,
          environment,
          create: (options = {}) => create(sdk, options),
          call: (path, init = {}) => {
            const headers = new Headers(init.headers);
            headers.set("x-api-key", environment["E2B_API_KEY"] ?? "");
            return fetch(`${environment["E2B_API_URL"]}${path}`, { ...init, headers });
          },
        };
      });
    });
  }
}

/** The same sandbox, which is killed when it is disposed of. */
export function killing<Sandbox extends { kill(): Promise<unknown> }>(
  sandbox: Sandbox,
): Sandbox & AsyncDisposable {
  return Object.assign(sandbox, {
    async [Symbol.asyncDispose]() {
      await sandbox.kill();
    },
  });
}

async function create(
  { Sandbox }: Sdk,
  { template, ...options }: CreateOptions,
): Promise<Disposing> {
  return killing(
    await (template === undefined ? Sandbox.create(options) : Sandbox.create(template, options)),
  );
}
