import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../backends/isolation/process-faults.ts";
import { eachProcess } from "../backends/isolation/process-table.ts";
import { ORDINARY_USER, runAsOrdinaryUser } from "./ordinary-user.ts";
import type { Ended } from "./run-program.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const COUNT = 65_536;
/** Above what systems hand out, and below what root's own engine takes. */
const LOWEST = 1_000_000_000;

/** The ordinary user on a machine where the administrator gave him a range of ids. */
export interface RangeUser extends AsyncDisposable {
  home: string;
  /** The first of his ids: no other test has it. */
  subuid: number;
  /** With the range, or as if uidmap were not installed. */
  run(words: readonly string[], options?: RangeRun): Promise<Ended>;
  /** From now on newuidmap refuses the range, though it is still said to be the user's. */
  takeBack(): Promise<void>;
  /** Every process of the machine's that has ids of the range. */
  processes(): Promise<number[]>;
}

export interface RangeRun {
  env?: Record<string, string>;
  cwd?: string;
  withoutRange?: boolean;
}

/**
 * Root stands in for the setuid programs of uidmap: what the user calls by their names asks a process of root's,
 * which writes the maps as they would. Nothing on the machine is changed by it.
 */
export async function rangeUser(): Promise<RangeUser> {
  const directory = await temporaryDirectory();
  const [programs, home] = [join(directory.path, "bin"), join(directory.path, "home")];
  const subuid = LOWEST + COUNT * Math.floor(Math.random() * 10_000);
  await chmod(directory.path, 0o755);
  await mkdir(programs);
  await mkdir(home, { mode: 0o700 });
  await chown(home, ORDINARY_USER.uid, ORDINARY_USER.gid);
  await write(join(programs, "newuidmap"), `#!/bin/sh\n${ASK(directory.path)}`);
  await symlink("newuidmap", join(programs, "newgidmap"));
  await write(
    join(programs, "getsubids"),
    `#!/bin/sh\nfor name; do :; done; echo "0: $name ${subuid} ${COUNT}"\n`,
  );
  const mapper = spawn("sh", ["-c", ANSWER, "sh", String(subuid)], {
    cwd: directory.path,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(mapper.stdout, "data");
  const processes = async () => {
    const hasRange = new RegExp(`\\s${subuid}\\s`);
    return findProcesses(async (pid) =>
      hasRange.test(await readFile(`/proc/${pid}/uid_map`, "utf8")),
    );
  };
  return {
    home,
    subuid,
    run(words, { env = {}, cwd, withoutRange = false } = {}) {
      const path = [...(withoutRange ? [] : [programs]), process.env["PATH"] ?? ""].join(":");
      const variables = { HOME: home, TMPDIR: home, ...env, PATH: path };
      const given = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
      return runAsOrdinaryUser(["/usr/bin/env", ...given, ...words], cwd ? { cwd } : {});
    },
    takeBack: () => writeFile(join(directory.path, "taken-back"), ""),
    processes,
    async [Symbol.asyncDispose]() {
      // A test that failed has ended nothing: the user's daemons, and what they left.
      const started = findProcesses(async (pid) =>
        (await readFile(`/proc/${pid}/environ`, "latin1")).includes(`HOME=${home}\0`),
      );
      for (const pid of [...(await started), ...(await processes())]) kill(pid);
      mapper.kill("SIGKILL");
      if (mapper.exitCode === null && mapper.signalCode === null) await once(mapper, "exit");
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function findProcesses(is: (pid: number) => Promise<boolean>): Promise<number[]> {
  const pids = [...eachProcess()].flatMap(({ pid, entry }) => (entry ? [pid] : []));
  const found = await Promise.all(pids.map((pid) => is(pid).catch(() => false))); // It has ended.
  return pids.filter((_, index) => found[index]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It has ended with another.
    if (systemCode(error) !== "ESRCH") throw error;
  }
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o755);
}

// Each asks on a pipe of its own: one that is killed leaves nothing that another takes for its answer.
const ASK = (directory: string) => `cd '${directory}' || exit 1
mine=answers/$$
rm -f "$mine" && mkfifo "$mine" && exec 9<>"$mine" || exit 1
echo "$mine \${0##*/} $*" >asked
IFS= read -r answer <&9
rm -f "$mine"
[ "$answer" = ok ] && exit
echo "$answer" >&2
exit 1
`;

// Who asks for other ids than his own and those of the range is refused, as by the real ones.
const ANSWER = `
mkdir -m 777 answers && mkfifo -m 666 asked && echo ready || exit 1
while read -r pipe program pid zero own one first range count; do
  file=uid_map; [ "$program" = newgidmap ] && file=gid_map
  answer="$program: Target process is owned by a different user"
  if [ ! -e taken-back ] && [ "$zero $own $one $first $range" = "0 ${ORDINARY_USER.uid} 1 1 $1" ] &&
    [ "$(stat -c %u "/proc/$pid")" = ${ORDINARY_USER.uid} ]; then
    answer="$program: write to $file failed"
    printf '%s\\n' "0 $own 1" "1 $range $count" >"/proc/$pid/$file" && answer=ok
  fi
  # Opened for both, which waits for nobody.
  [ ! -p "$pipe" ] || echo "$answer" 1<>"$pipe"
done <>asked
`;
