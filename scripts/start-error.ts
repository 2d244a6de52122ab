/** What keeps the studio from starting. The message is for whoever starts it: what stood in the way, and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}
