import { UNREAD_FOLDERS } from "../files/read-tree.ts";

/** What the scripts end with when there is no git in the sandbox. */
export const NO_GIT = 69;

const PRUNED = UNREAD_FOLDERS.map((name) => `-name ${name}`).join(" -o ");

/**
 * A repository of the studio's own, outside of the project: what the user does with git there is left alone, and sees
 * nothing of this. No attribute, hook or setting of anybody's changes what is kept.
 */
const PREPARE = `
set -eu
command -v git >/dev/null 2>&1 || exit ${NO_GIT}
GIT_DIR="$HOME/.sandlot-studio.git"
GIT_WORK_TREE="$PWD"
GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_NAME=studio GIT_AUTHOR_EMAIL=studio@localhost
GIT_COMMITTER_NAME=studio GIT_COMMITTER_EMAIL=studio@localhost
export GIT_DIR GIT_WORK_TREE GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
if [ ! -e "$GIT_DIR/HEAD" ]; then
  git init -q --template= >/dev/null
  git config core.autocrlf false
  git config core.bare false
  git config gc.auto 0
  mkdir -p "$GIT_DIR/info"
  echo '* -text -filter -ident -working-tree-encoding' > "$GIT_DIR/info/attributes"
fi
`;

/**
 * Brings the index up to what is on disk. Files are named one by one, for \`git add\` leaves out what is in a folder
 * with a repository of its own. What the project's \`.gitignore\` names is left out.
 */
const INDEX = `
new="$GIT_DIR/studio-found"
find . -mindepth 1 -type d \\( ${PRUNED} \\) -prune -o \\( -type f -o -type l \\) -printf '%P\\0' | sort -z > "$new"
git check-ignore -z --no-index --stdin < "$new" 2>/dev/null | sort -z > "$new.ignored" || true
{ comm -z -23 "$new" "$new.ignored"; git ls-files -z; } | git update-index --add --remove -z --stdin
rm -f "$new" "$new.ignored"
`;

/** Prints the commit, or nothing if all is as at the last one, then its numstat. \`$1\` is the title. */
export const SAVE = `${PREPARE}${INDEX}
tree=$(git write-tree)
parent=$(git rev-parse -q --verify HEAD || true)
if [ -n "$parent" ]; then
  [ "$(git rev-parse "$parent^{tree}")" != "$tree" ] || exit 0
  commit=$(git commit-tree "$tree" -p "$parent" -m "$1")
else
  [ -n "$(git ls-files | head -c 1)" ] || exit 0
  commit=$(git commit-tree "$tree" -m "$1")
fi
git update-ref HEAD "$commit"
git update-ref "refs/checkpoints/$commit" "$commit"
echo "$commit"
git diff-tree --root --no-commit-id -r -M --numstat "$commit"
`;

/** Makes the files those of the commit \`$1\`. They must have been saved just before: what is not is overwritten. */
export const RESTORE = `${PREPARE}
git rev-parse -q --verify "$1^{commit}" >/dev/null
git read-tree --reset -u "$1"
git update-ref HEAD "$1"
`;

/** Prints what the commit \`$1\` changed, as raw and numstat records, in base64. */
export const CHANGES = `${PREPARE}
git diff-tree --root --no-commit-id -r -z -M --raw --numstat --no-abbrev "$1" | base64 -w 0
`;

/** Prints the blobs \`$2\` and on that are not larger than \`$1\` bytes, as \`cat-file --batch\` does, in base64. */
export const BLOBS = `${PREPARE}
limit=$1
shift
printf '%s\\n' "$@" | git cat-file --batch-check='%(objectname) %(objectsize)' |
  awk -v limit="$limit" '$2 <= limit { print $1 }' | git cat-file --batch | base64 -w 0
`;
