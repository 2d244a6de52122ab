/**
 * Ends this process, a helper of the engine's, as soon as its channel to whoever started it is closed.
 * That may have happened while its modules were still being loaded, when nobody was listening yet.
 */
export function endWithChannel(exitCode = 0): void {
  process.once("disconnect", () => process.exit(exitCode));
  if (!process.connected) process.exit(exitCode);
}
