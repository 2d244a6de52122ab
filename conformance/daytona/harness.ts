import * as latest from "@daytona/sdk";
import * as daytona0205 from "daytona-0.205";
import { afterAll, beforeAll, describe } from "vitest";
import { openVendorDaemon, type VendorDaemon } from "../vendor-daemon.ts";

type Sdk = typeof latest;
type CreateParameters =
  | latest.CreateSandboxFromSnapshotParams
  | latest.CreateSandboxFromImageParams;

/** The vendor's clients of several ages. What the tests use of them has not changed its shape. */
const SDKS: Readonly<Record<string, Sdk>> = {
  "0.216": latest,
  "0.205": daytona0205 as unknown as Sdk,
};

export interface Daytona extends Omit<VendorDaemon, keyof AsyncDisposable> {
  /** The client that is being tried, which was given nothing but the environment. */
  readonly client: latest.Daytona;
  /** One for all tests of the file that do not change what a sandbox is. */
  readonly shared: latest.Sandbox;
  /** A sandbox that is deleted when it is disposed of. */
  create(parameters?: CreateParameters): Promise<latest.Sandbox & AsyncDisposable>;
  /** One call of the API as it is, such as `/sandbox`, with the account's key. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** Declares the same tests for each version of the client (the latest alone by default), with one daemon for all. */
export function forDaytona(
  declare: (daytona: () => Daytona) => void,
  { versions = ["0.216"] }: { versions?: readonly string[] } = {},
): void {
  let daemon: VendorDaemon | undefined;
  beforeAll(async () => {
    daemon = await openVendorDaemon("daytona");
  });
  afterAll(async () => {
    await daemon?.[Symbol.asyncDispose]();
  });
  for (const version of versions) {
    describe(`daytona ${version}:`, () => {
      let opened: { client: latest.Daytona; shared: latest.Sandbox } | undefined;
      beforeAll(async () => {
        const sdk = SDKS[version];
        if (!sdk) throw new Error(`${version} is no version of the client that is here`);
        const client = new sdk.Daytona();
        opened = { client, shared: await client.create() };
      });
      afterAll(async () => {
        await opened?.shared.delete();
        await opened?.client[Symbol.asyncDispose]();
      });
      declare(() => {
        if (!daemon || !opened) throw new Error("the daemon is there while tests run, not before");
        const { client } = opened;
        const { DAYTONA_API_URL: url, DAYTONA_API_KEY: key } = daemon.environment;
        return {
          ...daemon,
          ...opened,
          create: async (parameters = {}) =>
            // Of the two overloads it is one, which the client finds out itself.
            deleting(await client.create(parameters as latest.CreateSandboxFromImageParams)),
          call(path, init = {}) {
            const headers = new Headers(init.headers);
            if (!headers.has("authorization")) headers.set("authorization", `Bearer ${key}`);
            return fetch(`${url}${path}`, { ...init, headers });
          },
        };
      });
    });
  }
}

/** The same sandbox, which is deleted when it is disposed of. */
export function deleting(sandbox: latest.Sandbox): latest.Sandbox & AsyncDisposable {
  return Object.assign(sandbox, {
    async [Symbol.asyncDispose]() {
      await sandbox.delete();
    },
  });
}
