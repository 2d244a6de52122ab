import type { Capabilities } from "../capabilities.ts";

/** What our API is on Daytona's cloud. */
export const DAYTONA_CAPABILITIES: Capabilities = {
  names: { how: "Daytona's own" },
  tags: { how: "labels" },
  update: {
    how: "ports, tags, the time limit, whether its files are kept, and the network policy; kept in labels",
  },
  env: {
    how: "of the sandbox by Daytona, of a command by a shell: names of letters, digits and underscores",
  },
  image: { refused: "a sandbox starts from a snapshot there; name one by `source`" },
  resources: { refused: "processors and memory are those of the snapshot" },
  runtime: { refused: "what is installed is the snapshot's; name one by `source`" },
  git: { refused: "the sandbox is made empty; clone by a command" },
  tarball: { refused: "the sandbox is made empty; fetch by a command" },
  commands: {
    how: "detached from the connection, in bash; they start in /vercel/sandbox, which is made",
  },
  output: {
    how: "kept in files in the sandbox, read by `tail` in a session of Daytona's; as text, and without an order between stdout and stderr; not of a stopped sandbox. Megabytes take minutes, for the vendor's SDK takes them apart byte by byte; a piece of one or two bytes, which it holds back, comes with the next one",
  },
  signals: {
    how: "by `kill` in the sandbox, as root where `sudo` needs no password; what it does not reach is told",
  },
  sudo: { how: "by `sudo` in the sandbox" },
  users: { refused: "commands run as the snapshot's user, or as root" },
  stdin: { refused: "a command there belongs to no connection; give it its input in a file" },
  terminals: {
    refused:
      "a terminal needs a connection that this way does not keep; use Daytona's own `createPty`",
  },
  files: { how: "an archive is uploaded and unpacked by `tar`; reading streams" },
  ports: {
    how: "every port, at a signed URL that is good for a day; `PORT` names the first of the creation",
  },
  timeout: {
    how: "it stops after that long without anything being asked of it, in whole minutes; there is no moment to extend",
  },
  resume: { how: "Daytona's stop and start" },
  nonPersistent: { how: "it is deleted when it stops, and not found after that" },
  snapshots: { how: "Daytona's own, whose names begin with sandlot-; whose they are is not told" },
  snapshotExpiration: { refused: "snapshots there stay until they are deleted" },
  forks: { how: "a snapshot of the source as it is, which stays, and a sandbox from it" },
  network: { how: "everything, nothing, or domains or address ranges that are allowed" },
  networkRules: { refused: "Daytona changes no requests" },
  networkId: { refused: "there is none at Daytona" },
  drives: { refused: "Daytona's volumes are not drives; use its own SDK" },
  secrets: { refused: "they are kept at Daytona, by its own SDK" },
  templates: { refused: "snapshots are built at Daytona, by its own SDK" },
  usage: { refused: "Daytona tells percentages at moments, and no sums" },
  regions: { refused: "DAYTONA_TARGET says where sandboxes are" },
};
