// A session is one shell that lives as long as the session and runs its lines one after the other, so that what a
// line sets (directory, variables, functions) holds for the next. Each line is a command of the engine's, too: a
// small program that hands its line to the shell and passes on what the line reads and writes, so that the engine
// keeps its output, its input and its exit code like those of any other command.
//
// Both meet in a directory: `next` takes the names of lines that are to be run; beside it, for each name, are the line
// itself, pipes for its input and its two outputs, and one by which the shell says how it ended. The end of the shell
// first takes `next` away, then tells every line that is there: one that finds it after it has made its pipes is told.

/** `sh -c <script> <name> <directory>`: the shell, and who tells of its end, however that comes. */
export const SESSION_SCRIPT = `
directory=$1
umask 077
mkdir -p "$directory" && mkfifo "$directory/next" && bash -c : && echo ready || exit 125
bash -c '
  __sandlot_directory=$1
  exec 9<>"$1/next"
  set --
  while IFS= read -r __sandlot_line <&9; do
    __sandlot_line=$__sandlot_directory/$__sandlot_line
    eval "$(<"$__sandlot_line.line")" <"$__sandlot_line.in" >"$__sandlot_line.out" 2>"$__sandlot_line.err" 9<&-
    echo "exit $?" 1<>"$__sandlot_line.end"
  done
' bash "$directory"
code=$?
rm -f "$directory/next"
for end in "$directory"/*.end; do
  [ -p "$end" ] && echo "exit $code" 1<>"$end"
done
rm -rf "$directory"
exit "$code"
`;

/**
 * `bash -c <script> <name> <directory> <line's name> <line> <echo>`: one line. What the line leaves in the
 * background may write on after its end, so that its outputs are waited for only a little while then.
 */
export const LINE_SCRIPT = `
own=$1/$2
umask 077
[ -p "$1/next" ] && mkfifo "$own.in" "$own.out" "$own.err" "$own.end" || exit 125
printf %s "$3" >"$own.line"
exec 4<&0 5<>"$own.end"
[ -p "$1/next" ] || exit 125
exec 6<>"$1/next"
{ cat <"$own.out" 4<&- 5<&- 6<&-; echo eof >&5; } &
{ cat <"$own.err" >&2 4<&- 5<&- 6<&-; echo eof >&5; } &
if [ "$4" = echo ]; then tee "$own.in" <&4 5<&- 6<&- & else cat <&4 >"$own.in" 5<&- 6<&- & fi
input=$!
echo "$2" >&6
exec 6<&-
code= open=2
while [ -z "$code" ] || [ "$open" -gt 0 ]; do
  if [ -z "$code" ]; then read -r word value <&5; else read -t 0.5 -r word value <&5 || break; fi
  case $word in
    exit) code=$value ;;
    eof) open=$((open - 1)) ;;
  esac
done
kill "$input" 2>/dev/null
rm -f "$own".*
exit "$code"
`;
