import { type TestControls, testControls, vendorEnvironment } from "sandlot/host";
import { connect, type Connection, setEnvironment } from "./harness.ts";

/** A daemon with a state folder of its own, to which other vendors' clients are led by variables alone. */
export interface VendorDaemon extends AsyncDisposable {
  /** The daemon, as programs of another face reach it. */
  readonly connection: Connection;
  /** What the vendors' clients find in their environment meanwhile. */
  readonly environment: Record<string, string>;
  readonly controls: TestControls;
}

/** One at a time in a process: the variables are the process's own. */
export async function openVendorDaemon(
  ...vendors: readonly ("e2b" | "daytona")[]
): Promise<VendorDaemon> {
  const connection = await connect("daemon", { SANDLOT_TEST_CONTROLS: "1" });
  const environment: Record<string, string> = {};
  for (const vendor of vendors) {
    Object.assign(environment, await vendorEnvironment(vendor, connection.settings));
  }
  const restore = setEnvironment(environment);
  return {
    connection,
    environment,
    controls: await testControls(connection.settings),
    async [Symbol.asyncDispose]() {
      restore();
      await connection[Symbol.asyncDispose]();
    },
  };
}
