import { tmpdir } from "node:os";
import { inspectMachine } from "../backends/isolation/namespaces/machine/inspect-machine.ts";
import {
  type NamespacesIsolationOptions,
  namespacesIsolation,
} from "../backends/isolation/namespaces/namespaces-isolation.ts";
import { systemCacheDirectory } from "../host/cache-directory.ts";
import type { MakeIsolation } from "./isolation-bench.ts";

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
  const machine = await inspectMachine({ directory: tmpdir() });
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
