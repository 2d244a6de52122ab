import { SANDBOX_USERS, type SandboxUser } from "../../../../contract/sandbox-user.ts";
import { DEFAULT_USER } from "../default-user.ts";

/** What `/etc` of a sandbox says of its users: those that the host's packages know, and none of its people. */
export interface Accounts {
  passwd: string;
  group: string;
  shadow: string;
  gshadow: string;
}

/** Below it are the system's own accounts, on Debian and wherever shadow-utils' defaults hold. */
const FIRST_PERSON = 1_000;
/** `nobody` and `nogroup`. */
const NOBODY = 65_534;
/** No password matches. */
const LOCKED = "*";

/** Made from the host's `passwd` and `group`; of people, their groups and who belongs to what nothing is kept. */
export function sandboxAccounts(host: { passwd: string; group: string }): Accounts {
  const users = entries(host.passwd).filter(([name, , uid]) => isOfTheSystem(name, uid));
  const groups = entries(host.group).filter(([name, , gid]) => isOfTheSystem(name, gid));
  const { uid, gid } = DEFAULT_USER;
  const names = Object.entries(SANDBOX_USERS);
  const passwd = [
    "root:x:0:0:root:/root:/bin/bash",
    ...users.map(([user, , id, group, , directory, shell]) =>
      [user, "x", id, group, "", directory, shell].join(":"),
    ),
    ...names.map(([name, { home }]) => `${name}:x:${uid}:${gid}::${home}:/bin/bash`),
  ];
  const group = [
    "root:x:0:",
    ...groups.map(([named, , id]) => `${named}:x:${id}:`),
    ...names.map(([name]) => `${name}:x:${gid}:`),
  ];
  const people = passwd.map(nameOf);
  return {
    passwd: lines(passwd),
    group: lines(group),
    // Days since 1970 of the last change, and the usual limits of an account without a password.
    shadow: lines(people.map((one) => `${one}:${LOCKED}:20000:0:99999:7:::`)),
    gshadow: lines(group.map((line) => `${nameOf(line)}:${LOCKED}::`)),
  };
}

/** The same table, with the default user's other names after this one. */
export function firstNamed(table: string, user: SandboxUser): string {
  const all = table.split("\n").filter((line) => line !== "");
  const rank = (line: string) => {
    const name = nameOf(line);
    return name === user ? 1 : Object.hasOwn(SANDBOX_USERS, name) ? 2 : 0;
  };
  return lines(all.toSorted((one, other) => rank(one) - rank(other)));
}

function isOfTheSystem(name: string | undefined, id: string | undefined): boolean {
  if (!name || name === "root" || !/^\d+$/.test(id ?? "")) return false;
  return (Number(id) > 0 && Number(id) < FIRST_PERSON) || Number(id) === NOBODY;
}

function entries(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.includes(":") && !line.startsWith("#"))
    .map((line) => line.split(":"));
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(":"));
}

function lines(each: string[]): string {
  return `${each.join("\n")}\n`;
}
