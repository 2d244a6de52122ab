/** Where a root engine keeps what all sandboxes' roots have to walk through. */
export const CACHE_MOUNT = "/var/cache";

/**
 * What the holder of an outer namespace runs as its root: $1 is mounted where everybody may walk, then it holds on
 * for as long as a daemon has the pipe $2 open or a session's folder is there (below $5, by one of the patterns of
 * $6), since the next daemon must find the same namespaces. It goes with its record $4, while it has the lock $3,
 * so that nobody enters what is ending.
 *
 * Commands of the shell's own wherever it waits: what stays is one small process.
 */
export const HOLDER_SCRIPT = `: holds the user namespace of a sandlot daemon
mount --bind "$1" ${CACHE_MOUNT} || exit 1
rm -f "$2" && mkfifo -m 600 "$2" || exit 1
exec 3<>"$2"
echo ready
read -r _ || exit 0
exec 4<"$2" 3>&- </dev/null >/dev/null 2>&1
has_sessions() {
  (cd "$1" && for each in $2; do [ ! -e "$each" ] || exit 0; done; exit 1)
}
while :; do
  while read -r _ <&4; do :; done
  exec 5>>"$3"
  flock 5
  # Reads nothing and succeeds only where nobody could write.
  if dd if="$2" of=/dev/null iflag=nonblock count=1 && ! has_sessions "$5" "$6"; then
    rm -f "$4" "$2"
    exit 0
  fi
  exec 5>&-
  # Opens when the next daemon does.
  : <"$2"
done
`;
