/** What was asked cannot be done; the message is for whoever asked. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422;

  constructor(status: RequestError["status"], message: string) {
    super(message);
    this.status = status;
  }
}

/** The thing, or a 404 that names what was looked for. */
export function found<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw new RequestError(404, `${what} not found`);
  return thing;
}
