import type { Endpoint } from "../../engine/face-request.ts";
import { TOOLBOX } from "./toolbox-path.ts";
import { NO_UPLOADS, unsupported } from "./wire-sandbox.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

const SSH = "nothing listens for SSH in a sandbox; use a session, or a terminal";
const LSP = "sandboxes have no language servers; run one as a command, and talk to it";
const COMPUTER_USE = "sandboxes have no desktop";
const WARM_POOLS = "a sandbox starts in milliseconds here, so that none waits in a pool";

/** What the vendor offers and one machine does not, each with its reason: refused by name, never imitated. */
export const UNSUPPORTED: readonly { path: string; what: string; reason: string }[] = [
  {
    path: "/sandbox/:id/archive",
    what: "archive",
    reason: "there is no colder place than this machine's disk, where a stopped sandbox is already",
  },
  { path: "/sandbox/:id/ssh-access", what: "ssh-access", reason: SSH },
  { path: "/sandbox/ssh-access/validate", what: "ssh-access", reason: SSH },
  {
    path: "/sandbox/:id/build-logs-url",
    what: "build-logs-url",
    reason: "a sandbox is there when its image was built; build a snapshot to follow a build",
  },
  {
    path: "/object-storage/push-access",
    what: "push-access",
    reason: NO_UPLOADS,
  },
  { path: "/warm-pools", what: "warm-pools", reason: WARM_POOLS },
  { path: "/warm-pools/:id", what: "warm-pools", reason: WARM_POOLS },
  { path: `${TOOLBOX}/:id/lsp/*`, what: "lsp", reason: LSP },
  { path: `${TOOLBOX}/:id/computeruse/*`, what: "computeruse", reason: COMPUTER_USE },
];

export function unsupportedEndpoints(): Endpoint[] {
  return UNSUPPORTED.flatMap(({ path, what, reason }) =>
    METHODS.map((method): Endpoint => ({
      method,
      path,
      async answer() {
        throw unsupported(what, reason);
      },
    })),
  );
}
