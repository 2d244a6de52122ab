import type { Capabilities } from "../capabilities.ts";

/** What our API is on e2b's cloud. */
export const E2B_CAPABILITIES: Capabilities = {
  names: {
    how: "kept in the sandbox's metadata; two programs that make the same name at the same moment both succeed",
  },
  tags: { how: "the sandbox's metadata" },
  update: {
    refused:
      "e2b keeps a sandbox's metadata as it was made; give ports, tags and the time limit at the creation",
  },
  env: {
    how: "of the sandbox by e2b, of a command by a shell: names of letters, digits and underscores",
  },
  image: { how: "the name or id of a template, which has to be built before" },
  resources: { refused: "processors and memory are those of the template; name one by `image`" },
  runtime: { refused: "what is installed is the template's; name one by `image`" },
  git: { refused: "the sandbox is made empty; clone by a command" },
  tarball: { refused: "the sandbox is made empty; fetch by a command" },
  commands: {
    how: "detached from the connection, in bash; they start in /vercel/sandbox, which is made",
  },
  output: {
    how: "kept in files in the sandbox, read by `tail`; as text, and without an order between stdout and stderr; not of a stopped sandbox",
  },
  signals: {
    how: "by `kill` in the sandbox, as root where `sudo` needs no password; what it does not reach is told",
  },
  sudo: { how: "by `sudo` in the sandbox" },
  users: { refused: "commands run as the template's user, or as root" },
  stdin: { refused: "a command there belongs to no connection; give it its input in a file" },
  terminals: {
    refused: "a terminal needs a connection that this way does not keep; use e2b's own `pty`",
  },
  files: { how: "an archive is uploaded and unpacked by `tar`; reading streams" },
  ports: {
    how: "every port, at e2b's own address; ports that are named at the creation are listed, and `PORT` names the first",
  },
  timeout: { how: "exact, within the limits of e2b's plans" },
  resume: { how: "e2b's pause without memory: the processes end, the files are kept" },
  nonPersistent: { how: "it is deleted when it stops, and not found after that" },
  snapshots: {
    how: "e2b's own; sizes and times are not told (0, and when it was first seen), nor whose they are",
  },
  snapshotExpiration: { refused: "snapshots there stay until they are deleted" },
  forks: { how: "a snapshot of the source as it is, which stays, and a sandbox from it" },
  network: { how: "everything, nothing, or domains and address ranges" },
  networkRules: { how: "headers that are set for a domain, on all requests to it" },
  networkId: { refused: "there is none at e2b" },
  drives: { refused: "e2b's volumes are not drives; use its own SDK" },
  secrets: { refused: "they are kept at e2b, by its own SDK" },
  templates: { refused: "they are built at e2b, by its own SDK; name one by `image`" },
  usage: { refused: "e2b tells percentages at moments, and no sums" },
  regions: { refused: "e2b chooses where a sandbox is" },
};
