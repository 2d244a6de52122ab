/**
 * Loads what needs `node:sqlite`, which Node 22 announces as experimental on every program's stderr. What
 * is used of it has not changed since; every other warning comes through.
 */
export async function withoutSqliteWarning<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const emitWarning = process.emitWarning;
  process.emitWarning = (...call: unknown[]) => {
    const [warning] = call;
    if (typeof warning === "string" && warning.startsWith("SQLite is an experimental")) return;
    Reflect.apply(emitWarning, process, call);
  };
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
