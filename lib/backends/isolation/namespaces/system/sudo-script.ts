/** How an identity can be taken on without a program that is set-uid. */
export type Elevation =
  /** The default user's processes hold CAP_SETUID and CAP_SETGID, and nobody else's do. */
  | "ambient"
  /** There is one id: root is a view of it, in a user namespace of its own. */
  | "nested";

const HEAD = `#!/bin/sh
# sudo for this sandbox: the default user becomes whoever it likes, others nobody.
name=root shell= login=
fail() { echo "sudo: $*" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    -u | --user) [ $# -gt 1 ] || fail "option requires an argument -- 'u'"; name=$2; shift 2 ;;
    --user=*) name=\${1#*=}; shift ;;
    -u?*) name=\${1#-u}; shift ;;
    -g | --group | -p | --prompt | -C | -D | --chdir | -h | -r | -t | -T | -U) fail "option $1 is not supported in a sandbox" ;;
    -i | --login) login=1 shell=1; shift ;;
    -s | --shell) shell=1; shift ;;
    -l | --list) echo "User $(id -un) may run the following commands: (ALL : ALL) NOPASSWD: ALL"; exit 0 ;;
    -v | --validate | -k | -K) shift; [ $# -gt 0 ] || exit 0 ;;
    -V | --version) echo "Sudo version 1.9 (sandbox)"; exit 0 ;;
    -E | -n | -H | -S | -b | -A | -P | -B | --preserve-env | --preserve-env=* | --non-interactive | --set-home | --stdin) shift ;;
    -[EnHSPi][EnHSPi]*)
      rest=\${1#-?}; first=\${1%"$rest"}; shift; set -- "$first" "-$rest" "$@" ;;
    -*) fail "unknown option $1" ;;
    *=*) export "$1"; shift ;;
    *) break ;;
  esac
done
case $name in
  \\#*) entry=$(getent passwd "\${name#?}") ;;
  *) entry=$(getent passwd "$name") ;;
esac
[ -n "$entry" ] || fail "unknown user $name"
IFS=: read -r user x uid gid gecos home program <<END
$entry
END
[ -n "$program" ] || program=/bin/sh
if [ $# -eq 0 ]; then [ -n "$shell" ] || fail "a command is required"; set -- "$program";
elif [ -n "$shell" ]; then set -- "$program" -c "$*"; fi
SUDO_USER=$(id -un) SUDO_UID=$(id -u) SUDO_GID=$(id -g) SUDO_COMMAND="$*"
export SUDO_USER SUDO_UID SUDO_GID SUDO_COMMAND USER="$user" LOGNAME="$user" HOME="$home" SHELL="$program"
# What root installs for everybody goes where everybody finds it.
case $user:$npm_config_prefix in root:*/.global/npm) export npm_config_prefix=/usr/local ;; esac
[ -z "$login" ] || cd -- "$home" || fail "unable to change directory to $home"
`;

// What a caller has not, it cannot hand on: for a user that was made, both refuse.
const TAILS: Record<Elevation, string> = {
  ambient: `case $(id -u):$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status) in
  0:* | *[c-f]?) ;;
  *) echo "sudo: $SUDO_USER is not in the sudoers file." >&2; exit 1 ;;
esac
[ "$uid" = 0 ] || [ "$uid" = "\${DEFAULT_UID:-1000}" ] || exec setpriv --reuid "$uid" --regid "$gid" --init-groups --inh-caps=-all --ambient-caps=-all -- "$@"
[ "$uid" = 0 ] && exec setpriv --reuid 0 --regid 0 --clear-groups --ambient-caps=-all --inh-caps=-all -- "$@"
exec setpriv --reuid "$uid" --regid "$gid" --init-groups --inh-caps=-all,+setuid,+setgid --ambient-caps=-all,+setuid,+setgid -- "$@"
`,
  nested: `[ "$uid" = 0 ] || [ "$uid" = "$SUDO_UID" ] || fail "this machine gives the sandbox a single id: there is nobody but root and $(id -un) to become"
[ "$uid" = "$SUDO_UID" ] && exec "$@"
exec unshare --user --map-root-user -- "$@"
`,
};

/** The text of `/usr/bin/sudo`. */
export function sudoScript(elevation: Elevation): string {
  return HEAD + TAILS[elevation];
}
