import { SandboxError } from "../../contract/errors.ts";

/** What our API can ask for, in the order in which people look for it. */
export const CAPABILITIES = {
  names: "Names of sandboxes",
  tags: "Tags",
  update: "Changing a sandbox's settings",
  env: "Variables of a sandbox and of a command",
  image: "An image to start from",
  resources: "Processors and memory",
  runtime: "A runtime of the vendor's",
  git: "Starting from a git repository",
  tarball: "Starting from an archive",
  commands: "Commands with arguments, a directory and variables",
  output: "Output live, replayed, and from other processes",
  signals: "Signals to a command and what it started",
  sudo: "Commands as root",
  users: "Commands as other users",
  stdin: "Input of a command",
  terminals: "Terminals",
  files: "Writing and reading files",
  ports: "URLs of ports",
  timeout: "A time limit",
  resume: "Stopping, and going on later with the files",
  nonPersistent: "A sandbox that is gone when it stops",
  snapshots: "Snapshots",
  snapshotExpiration: "Snapshots that expire",
  forks: "Forks",
  network: "Where a sandbox may connect to",
  networkRules: "Rules for single requests",
  networkId: "A private network of the vendor's",
  drives: "Drives",
  secrets: "Secrets",
  templates: "Templates",
  usage: "What a sandbox used",
  regions: "Regions",
} as const;
export type Capability = keyof typeof CAPABILITIES;

/** How a cloud gives it, or why it does not and what to do instead: sentences without a full stop. */
type Given = { how: string } | { refused: string };

export type Capabilities = Readonly<Record<Capability, Given>>;

/** The error for what the cloud cannot do, by the name under which it was asked for. */
export function refusal(
  cloud: { name: string; capabilities: Capabilities },
  capability: Capability,
  asked: string = CAPABILITIES[capability],
): SandboxError {
  const given = cloud.capabilities[capability];
  const reason = "refused" in given ? given.refused : `${given.how}, and no more`;
  return new SandboxError(
    "unsupported",
    `${asked}: not with SANDLOT_ENGINE=${cloud.name}, because ${reason}.`,
  );
}

/** Throws `unsupported` when the cloud cannot. */
export function requireCapability(
  cloud: { name: string; capabilities: Capabilities },
  capability: Capability,
  asked?: string,
): void {
  if ("refused" in cloud.capabilities[capability]) throw refusal(cloud, capability, asked);
}

/** Words of the engine's that a cloud has none of: whatever is called throws. */
export function refusedWords<Words extends object>(
  cloud: { name: string; capabilities: Capabilities },
  capability: Capability,
): Words {
  const refuse = () => {
    throw refusal(cloud, capability);
  };
  // The words' own types say what is given back, and nothing is.
  return new Proxy({}, { get: () => refuse }) as Words;
}
