import { spawn } from "node:child_process";
import { once } from "node:events";
import { lchown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { messageOf } from "../../../../std/message-of.ts";
import { asNamespaceRoot, hostGid, hostUid, type IdMap, writeIdMap } from "./id-map.ts";
import { PROGRAM_PATH, runProgram } from "./run-program.ts";

/** What a session's set-up, done in small, came to. Each part says `ok` or what stood in the way. */
export interface SessionTrial {
  /** Writing the map, by what was thrown. */
  ids: string;
  namespaces: string;
  overlay: string;
  processLimit: string;
  network: string;
}

const UNTRIED = "not tried";
/** No sandbox has as few, and the kernel takes no fewer. */
const TRIAL_PROCESSES = 400;

// Each part is tried even if the one before it failed, and says one line. The overlay must let files
// of its lower layer be replaced and removed; the kernel refuses that late, at the first write.
const TRIAL = `
say() { echo "$1 $(echo "$2" | tr '\\n' ' ')"; }
say namespaces ok
error=$( { mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work,userxattr merged &&
  echo new >merged/replaced && rm merged/removed && mkdir merged/made && [ ! -e merged/removed ]; } 2>&1 )
[ $? -eq 0 ] && say overlay ok || say overlay "$error"
error=$( { echo ${TRIAL_PROCESSES} >/proc/sys/kernel/pid_max; } 2>&1 )
[ $? -eq 0 ] && say processLimit ok || say processLimit "$error"
error=$( { ip link set lo up && ip link add sandlot0 type veth peer name sandlot1; } 2>&1 )
[ $? -eq 0 ] && say network ok || say network "$error"
umount merged 2>/dev/null
rm -rf upper work merged lower
`;

/** Puts a session together and takes it down again, with files below the directory. Leaves nothing behind. */
export async function trySession(
  map: IdMap,
  { directory, searchPath }: { directory: string; searchPath?: string | undefined },
): Promise<SessionTrial> {
  const trial: SessionTrial = {
    ids: UNTRIED,
    namespaces: UNTRIED,
    overlay: UNTRIED,
    processLimit: UNTRIED,
    network: UNTRIED,
  };
  const cradle = spawn("unshare", ["--user", "--net", "--", "sh", "-c", "echo made; read -r _"], {
    cwd: "/",
    env: { PATH: PROGRAM_PATH, LC_ALL: "C" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = Promise.all([text(cradle.stderr), once(cradle, "close")]).then(
    ([complaint]) => complaint.trim() || "it ended at once",
    String, // Not started at all.
  );
  const made = once(cradle.stdout, "data").then(() => undefined);
  made.catch(() => undefined);
  try {
    const failure = await Promise.race([made, said]);
    if (failure !== undefined) return { ...trial, namespaces: failure };
    try {
      await writeIdMap(cradle.pid!, map, { searchPath });
    } catch (error) {
      return { ...trial, ids: messageOf(error) };
    }
    return { ...trial, ids: "ok", ...(await tryInside(cradle.pid!, map, directory)) };
  } finally {
    cradle.kill("SIGKILL");
    await said;
  }
}

async function tryInside(
  cradle: number,
  map: IdMap,
  directory: string,
): Promise<Partial<SessionTrial>> {
  const place = await mkdtemp(join(directory, "trial-"));
  try {
    await fill(place, map);
    const enter = ["nsenter", "--target", String(cradle), "--user", "--net"];
    const separate = ["unshare", "--mount", "--pid", "--fork", "--ipc", "--uts", "--kill-child"];
    const { stdout, stderr } = await runProgram(
      [
        ...enter,
        ...asNamespaceRoot(map),
        "--",
        ...separate,
        "--propagation",
        "private",
        "--",
        "sh",
        "-c",
        TRIAL,
      ],
      { cwd: place },
    );
    const parts = stdout.split("\n").map((line) => /^(\w+) (.*)$/.exec(line));
    const found = Object.fromEntries(
      parts.flatMap((part) => (part ? [[part[1], part[2]?.trim()]] : [])),
    ) as Partial<SessionTrial>;
    return { namespaces: stderr || "it ended at once", ...found };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** What is inside belongs to those who are inside. */
async function fill(place: string, map: IdMap): Promise<void> {
  const owner = [hostUid(map, 0), hostGid(map, 0)] as const;
  const names = ["lower", "upper", "work", "merged"].map((name) => join(place, name));
  await Promise.all(names.map((name) => mkdir(name)));
  const files = ["replaced", "removed"].map((name) => join(place, "lower", name));
  await Promise.all(files.map((name) => writeFile(name, "old\n")));
  await Promise.all([place, ...names, ...files].map((name) => lchown(name, ...owner)));
}
