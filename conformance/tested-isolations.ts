import { tmpdir } from "node:os";
import { inspectMachine } from "../lib/backends/isolation/namespaces/machine/inspect-machine.ts";

/**
 * The isolations that the contract is proven with here: with namespaces it holds where the machine gives
 * them with users of the sandbox's own, which takes a range of ids.
 */
export async function testedIsolations(): Promise<("namespaces" | "process")[]> {
  const { programs, namespaces, overlay, network, ids, user } = await inspectMachine({
    directory: tmpdir(),
  });
  const isGiven = [programs, namespaces, overlay, network, ids].every(({ offered }) => offered);
  return isGiven && user.uid === 0 ? ["namespaces", "process"] : ["process"];
}
