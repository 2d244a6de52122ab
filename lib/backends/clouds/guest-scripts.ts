import { shellWord } from "../../std/shell-word.ts";

// What runs inside a cloud's sandbox, in bash and GNU's tools. A command belongs to nobody's connection: it writes to
// files in `~/.sandlot/commands/<id>`, where every process that knows the sandbox finds it.
//   record   what was asked for (base64 of JSON)     pids   the command's and its keeper's
//   stdout, stderr   what it wrote                   exit   its exit code, and when it ended (ms)

const FOLDER = 'd="$HOME/.sandlot/commands/$1"';
/** Whether its keeper lives: a number may be another's after the sandbox was stopped. */
const ALIVE = `${FOLDER}
child= keeper=
[ -e "$d/pids" ] && read -r child keeper < "$d/pids"
alive() { [ ! -e "$d/exit" ] && tr '\\0' ' ' 2>/dev/null < "/proc/\${keeper:-none}/cmdline" | grep -qF -- "$d"; }`;

const START = `${FOLDER}
cwd=$2 sudo=$3 limit=$4 record=$5 exports=$(printf %s "$6" | base64 -d); shift 6
# Where root's programs are is not in everybody's path, and not every sudo adds it.
[ "$sudo" = 1 ] && exports=$exports$'\\n''PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin'
cd -- "$cwd" 2>/dev/null || { echo directory; exit 0; }
case $1 in
  */*) [ -f "$1" ] && [ -x "$1" ] ;;
  *) ( eval "$exports"; [ -n "$(type -P -- "$1")" ] ) ;;
esac || { echo executable; exit 0; }
{
  mkdir -p "$d" && printf %s "$record" > "$d/record" && : > "$d/stdout" && : > "$d/stderr" && mkfifo "$d/begun"
} 2>&1 || exit 1
[ -n "$limit" ] && set -- "$(type -P timeout)" -s KILL "$limit" "$@"
# An image whose user is root needs no sudo, and may have none.
[ "$sudo" = 1 ] && [ "$(id -u)" != 0 ] && set -- "$(type -P sudo)" -n -E -- "$@"
# With job control, what is started beside the shell has a group of its own and does not ignore SIGINT.
set -m
"$(type -P setsid)" bash -c '
  d=$1 exports=$2; shift 2
  set -m
  ( unset OLDPWD SHLVL; eval "$exports"; export SANDLOT_COMMAND="$d"; exec "$@" ) </dev/null >"$d/stdout" 2>"$d/stderr" &
  child=$!
  # Without it, a command that is only halted does not count as ended.
  set +m
  echo "$child $$" > "$d/pids"
  echo "$child" > "$d/begun"
  wait "$child" 2>/dev/null
  code=$?
  echo "$code $(date +%s%3N)" > "$d/exit.new" && mv "$d/exit.new" "$d/exit"
' sandlot-keeper "$d" "$exports" "$@" </dev/null >/dev/null 2>&1 &
set +m
read -r child < "$d/begun"
rm -f "$d/begun"
echo "started $child"`;

const FOLLOW = `${ALIVE}
if alive "$1"; then
  tail -c +1 -f -s 0.1 --pid="$keeper" -- "$d/stdout" &
  tail -c +1 -f -s 0.1 --pid="$keeper" -- "$d/stderr" >&2 &
  wait
else
  cat -- "$d/stdout"; cat -- "$d/stderr" >&2
fi`;

const SO_FAR = `${FOLDER}
cat -- "$d/stdout"; cat -- "$d/stderr" >&2`;

const WAIT = `${ALIVE}
if alive "$1"; then tail -f -s 0.1 --pid="$keeper" /dev/null; fi
cat -- "$d/exit" 2>/dev/null || echo lost`;

const KILL = `${ALIVE}
alive "$1" || exit 0
# It may run as somebody else, whom only root may signal; and the kill of the shell is in every image.
if [ "$(id -u)" != 0 ] && sudo -n bash -c : 2>/dev/null
then as() { sudo -n bash -c '"$@"' sandlot "$@"; }
else as() { "$@"; }
fi
as kill -"$2" -- "-$child" 2>/dev/null
# What left for a group of its own is known by a variable that it cannot lose by accident.
others() { as grep -lsF -- "SANDLOT_COMMAND=$d" /proc/[0-9]*/environ | cut -d/ -f3 | grep -vFx "$child"; }
for round in 1 2 3 4 5 6 7 8 9; do
  pids=$(others)
  [ -n "$pids" ] || break
  as kill -"$2" -- $pids 2>/dev/null
  # What is to be killed has no way to start more; other signals are sent once.
  [ "$2" = 9 ] || break
done
# Whoever is of the group, lives and cannot be asked for was not reached. What ended meanwhile was in nobody's way.
in_group() {
  local line
  read -r line 2>/dev/null < "/proc/$1/stat" || return 1
  set -- \${line##*) }
  [ "$1" != Z ] && [ "$3" = "$child" ]
}
unreached=
for pid in $(cd /proc && echo [0-9]*); do
  in_group "$pid" && ! as kill -0 -- "$pid" 2>/dev/null && in_group "$pid" && unreached="$unreached $pid"
done
[ -z "$unreached" ] || { echo $unreached; exit 1; }`;

/** One line for each: record, pid, exit and whether it lives; then one that says that these were all. */
const SHOW = `if [ $# = 0 ]; then set -- "$HOME"/.sandlot/commands/*; else set -- "$HOME/.sandlot/commands/$1"; fi
for d in "$@"; do
  [ -e "$d/record" ] || continue
  child= keeper= state=gone
  [ -e "$d/pids" ] && read -r child keeper < "$d/pids"
  [ ! -e "$d/exit" ] && tr '\\0' ' ' 2>/dev/null < "/proc/\${keeper:-none}/cmdline" | grep -qF -- "$d" && state=alive
  echo "$(cat "$d/record")|$child|$(cat "$d/exit" 2>/dev/null)|$state"
done
echo end`;

const UNPACK = `{ mkdir -p -- "$2" && tar -xf "$1" -C "$2" --no-same-owner --no-overwrite-dir; } 2>"$1.error"
code=$?
[ "$code" = 0 ] || head -c 500 "$1.error"
rm -f -- "$1" "$1.error"
exit "$code"`;

const MEASURE = `[ -f "$1" ] && stat -L -c %s -- "$1"`;
const MAKE_DIRECTORY = `[ "$2" = 1 ] && [ -d "$1" ] && { echo there; exit 0; }
if [ "$2" = 1 ]; then mkdir -p -- "$1" 2>&1; else mkdir -- "$1" 2>&1; fi`;
/** The place where programs for our API look for their files, whatever the image is. */
const PREPARE = `mkdir -p -- "$1" 2>/dev/null && [ -w "$1" ] && exit 0
sudo -n mkdir -p -- "$1" && sudo -n chown "$(id -u):$(id -g)" -- "$1"`;

const line = (script: string, ...values: string[]): string =>
  ["bash", "-c", script, "sandlot", ...values].map(shellWord).join(" ");

export interface StartScript {
  id: string;
  cwd: string;
  sudo: boolean;
  timeoutMs: number | undefined;
  record: string;
  env: Record<string, string>;
  argv: readonly string[];
}

/** Lines for a cloud's shell, each made of one script and its values. */
export const GUEST = {
  /** Prints `started PID`, `directory` or `executable`; exit code 1, and why, where its files cannot be made. */
  start({ id, cwd, sudo, timeoutMs, record, env, argv }: StartScript): string {
    const limit = timeoutMs === undefined ? "" : String(timeoutMs / 1_000);
    const exports = Object.entries(env).map(
      ([name, value]) => `export ${name}=${shellWord(value)}`,
    );
    const encoded = Buffer.from(exports.join("\n")).toString("base64");
    return line(START, id, cwd, sudo ? "1" : "0", limit, record, encoded, ...argv);
  },
  follow: (id: string) => line(FOLLOW, id),
  soFar: (id: string) => line(SO_FAR, id),
  /** Prints the exit code and the time, or `lost`. */
  wait: (id: string) => line(WAIT, id),
  /** Exit code 1, and the numbers of the processes, where the signal did not reach all of them. */
  kill: (id: string, signal: number) => line(KILL, id, String(signal)),
  /** Of one command, or of all. */
  show: (id?: string) => line(SHOW, ...(id === undefined ? [] : [id])),
  unpack: (archive: string, directory: string) => line(UNPACK, archive, directory),
  /** Prints how many bytes a file has; exit code 1 where there is none. */
  measure: (path: string) => line(MEASURE, path),
  /** Prints `there` where a recursive one was there already; exit code other than 0, and why, where it cannot be made. */
  makeDirectory: (path: string, recursive: boolean) =>
    line(MAKE_DIRECTORY, path, recursive ? "1" : "0"),
  prepare: (directory: string) => line(PREPARE, directory),
};
