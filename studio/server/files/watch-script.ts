import { UNREAD_FOLDERS } from "./read-tree.ts";

/**
 * Runs in the sandbox and prints what changes below its folder: a line with a list of paths, as JSON, some time after
 * each change. What tools fill with others' files is not looked into. Node's own recursive watching would enter it.
 */
export const WATCH_SCRIPT = `
const fs = require("node:fs"), path = require("node:path");
const root = process.cwd(), skipped = new Set(${JSON.stringify(UNREAD_FOLDERS)});
const MOST_FOLDERS = 2000, MOST_PATHS = 200, GATHER_MS = 150;
const watchers = new Map();
let changed = new Set(), timer;
const tell = (file) => {
  changed.add(path.relative(root, file));
  timer ??= setTimeout(() => {
    timer = undefined;
    process.stdout.write(JSON.stringify([...changed].slice(0, MOST_PATHS)) + "\\n");
    changed = new Set();
  }, GATHER_MS);
};
const forget = (folder) => { watchers.get(folder)?.watcher.close(); watchers.delete(folder); };
const watch = (folder) => {
  let stat;
  try { stat = fs.statSync(folder); } catch { return forget(folder); }
  if (!stat.isDirectory()) return;
  // One that was deleted and made again is another folder.
  if (watchers.get(folder)?.inode === stat.ino || watchers.size >= MOST_FOLDERS) return;
  forget(folder);
  try {
    const watcher = fs.watch(folder);
    watchers.set(folder, { watcher, inode: stat.ino });
    watcher.on("error", () => forget(folder));
    watcher.on("change", (_kind, name) => {
      const file = name ? path.join(folder, name) : folder;
      tell(file);
      if (name && !skipped.has(name)) watch(file);
    });
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !skipped.has(entry.name)) watch(path.join(folder, entry.name));
    }
  } catch { forget(folder); }
};
watch(root);
process.stdout.write("[]\\n");
`;
