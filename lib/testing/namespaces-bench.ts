import { tmpdir } from "node:os";
import { inspectMachine } from "../backends/isolation/namespaces/machine/inspect-machine.ts";
import {
  type NamespacesIsolationOptions,
  namespacesIsolation,
} from "../backends/isolation/namespaces/namespaces-isolation.ts";
import { systemCacheDirectory } from "../host/cache-directory.ts";
import type { MakeIsolation } from "./isolation-bench.ts";

/** Says that the process is started where an ordinary user's daemon would be, with a range of ids. */
export const OUTER_ROOT = "SANDLOT_TEST_OUTER_ROOT";

/** Why this machine has no namespaces for sandboxes; undefined where it has. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  const { programs, namespaces, overlay, network } = await inspectMachine({ directory: tmpdir() });
  const missing = [programs, namespaces, overlay, network].find(({ offered }) => !offered);
  return missing?.offered === false ? missing.reason : undefined;
}

/** Makes `namespaces` isolation as the engine would on this machine. Throws what the machine lacks. */
export async function makeNamespaces(
  changed: Partial<NamespacesIsolationOptions> = {},
): Promise<MakeIsolation> {
  const isOuterRoot = process.env[OUTER_ROOT] !== undefined;
  const machine = await inspectMachine({ directory: tmpdir(), isOuterRoot });
  return (directory) =>
    namespacesIsolation({
      directory,
      // As the engine itself, so that what takes seconds is made once.
      cacheDirectory: systemCacheDirectory(process.env),
      machine,
      extraCertificates: "",
      env: { PATH: process.env["PATH"] ?? "" },
      ...changed,
    });
}
