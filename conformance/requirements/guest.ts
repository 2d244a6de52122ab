import { needsPrivateFiles, needsUsers, type Requirement } from "./requirement.ts";

/** What a sandbox looks like from inside, and its users. */
export const GUEST = [
  { id: "GST-001", source: "reference 5.2", behaviour: "The session's cwd is /vercel/sandbox." },
  {
    id: "GST-002",
    source: "reference 5.2",
    ...needsPrivateFiles,
    behaviour: "pwd prints /vercel/sandbox.",
  },
  { id: "GST-003", source: "reference 5.2", ...needsPrivateFiles, behaviour: "HOME is /vercel." },
  {
    id: "GST-004",
    source: "live compat",
    behaviour: "pwd prints an absolute path, which the file API takes.",
  },
  {
    id: "GST-005",
    source: "reference 2.6",
    behaviour: "Messages are English, whatever the host's locale.",
  },
  {
    id: "GST-006",
    source: "reference 5.2",
    behaviour: "node and npm are there, node of this version's line or later.",
  },
  {
    id: "GST-007",
    source: "live compat",
    behaviour:
      "The GNU text tools are there: sort, uniq, wc, tr, cut, head, tail, rev, seq, xargs, tee, awk, sed, grep.",
  },
  {
    id: "GST-008",
    source: "live compat",
    behaviour:
      "The GNU file tools are there: find, stat, ln, readlink, basename, dirname, which, base64, cp, mv, rm, touch.",
  },
  {
    id: "GST-009",
    source: "live compat",
    behaviour: "whoami, date, env, printenv and sleep are there.",
  },
  {
    id: "GST-010",
    source: "live compat",
    behaviour: "Pipes and redirections work, to /tmp as well.",
  },
  {
    id: "GST-011",
    source: "design 2",
    behaviour:
      "Nothing of the host's environment is in a command's, but what is named in the docs.",
  },
  { id: "GST-012", source: "reference 5.2", behaviour: "bash, git and tar are there." },
  {
    id: "GST-013",
    source: "design 2",
    behaviour: "Two sandboxes do not see each other's files at the same path.",
  },
  {
    id: "GST-014",
    source: "design 2",
    ...needsPrivateFiles,
    behaviour: "The host's own files are out of reach.",
  },
  {
    id: "GST-015",
    source: "issue: the engine",
    behaviour:
      "A program written for the sandbox's temporary directory finds one of its own by TMPDIR.",
  },
  {
    id: "USR-001",
    source: "live command.test",
    ...needsUsers,
    behaviour: "sudo gives root, with the caller's variables, USER, SUDO_USER and PATH.",
  },
  {
    id: "USR-002",
    source: "issue: decisions",
    behaviour: "Where users are not offered, sudo is refused with a message that names the reason.",
  },
  {
    id: "USR-003",
    source: "reference 2.2",
    behaviour: "getDefaultUser tells the name and group of who runs commands.",
  },
  {
    id: "USR-004",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "createUser makes a user with a home of mode 770 that belongs to the default group.",
  },
  {
    id: "USR-005",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A user that exists already is a SandboxUserAlreadyExistsError.",
  },
  {
    id: "USR-006",
    source: "reference 2.2 | live compat",
    behaviour: "User and group names are checked before any request.",
  },
  {
    id: "USR-007",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A user's commands run as that user, in its home.",
  },
  {
    id: "USR-008",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A user's commands get variables and another directory when asked.",
  },
  {
    id: "USR-009",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A user's sudo is root.",
  },
  {
    id: "USR-010",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A user's detached command can be killed.",
  },
  {
    id: "USR-011",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour:
      "A user's files belong to it and read back, private ones too; missing ones are null.",
  },
  {
    id: "USR-012",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A user's directories belong to it and take files.",
  },
  {
    id: "USR-013",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "Users cannot read, list, write or run what is in each other's home.",
  },
  {
    id: "USR-014",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A group has a shared directory of mode 2770 with the default user and the group.",
  },
  {
    id: "USR-015",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour:
      "Members share files by the group's directory; others are kept out; who is removed loses access.",
  },
  {
    id: "USR-016",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A user cannot signal another one's process.",
  },
  {
    id: "USR-017",
    source: "live sandbox-user.test",
    ...needsUsers,
    behaviour: "A made user has no sudo inside.",
  },
  {
    id: "USR-018",
    source: "reference 2.5",
    behaviour: "asUser gives a handle with the right home, without a request.",
  },
] as const satisfies readonly Requirement[];
