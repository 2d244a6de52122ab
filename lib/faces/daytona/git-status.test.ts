import { expect, test } from "vitest";
import { readStatus } from "./git-status.ts";

const HASH = "0123456789abcdef0123456789abcdef01234567";

test("reads branch, upstream and every kind of change", () => {
  const porcelain = [
    `# branch.oid ${HASH}`,
    "# branch.head main",
    "# branch.upstream origin/main",
    "# branch.ab +2 -1",
    `1 MD N... 100644 100644 000000 ${HASH} ${HASH} both ways.txt`,
    `2 R. N... 100644 100644 100644 ${HASH} ${HASH} R100 new name.txt`,
    "old name.txt",
    `u UU N... 100644 100644 100644 100644 ${HASH} ${HASH} ${HASH} torn.txt`,
    "? new file.txt",
    "",
  ].join("\0");
  expect(readStatus(porcelain)).toEqual({
    currentBranch: "main",
    detached: false,
    ahead: 2,
    behind: 1,
    branchPublished: true,
    upstream: "origin/main",
    fileStatus: [
      { name: "both ways.txt", extra: "", staging: "Modified", worktree: "Deleted" },
      { name: "new name.txt", extra: "old name.txt", staging: "Renamed", worktree: "Unmodified" },
      {
        name: "torn.txt",
        extra: "",
        staging: "Updated but unmerged",
        worktree: "Updated but unmerged",
      },
      { name: "new file.txt", extra: "", staging: "Untracked", worktree: "Untracked" },
    ],
  });
});

test("a detached head is told by its commit", () => {
  expect(readStatus(`# branch.oid ${HASH}\0# branch.head (detached)\0`)).toEqual({
    currentBranch: HASH,
    detached: true,
    ahead: 0,
    behind: 0,
    branchPublished: false,
    fileStatus: [],
  });
});
