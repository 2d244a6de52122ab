import * as z from "zod";

/** Every way a request to the studio can fail. Codes are API: add, never rename. */
export const STUDIO_FAULTS = {
  bad_request: { status: 400 },
  /** The request came from another site, or under a name that is not this machine's. */
  forbidden: { status: 403 },
  project_not_found: { status: 404 },
  sandbox_not_found: { status: 404 },
  command_not_found: { status: 404 },
  file_not_found: { status: 404 },
  checkpoint_not_found: { status: 404 },
  terminal_not_found: { status: 404 },
  model_not_found: { status: 404 },
  /** A turn runs already: stop it, or wait for its end. */
  turn_running: { status: 409 },
  /** The project has no sandbox yet. */
  no_sandbox: { status: 409 },
  sandbox_stopped: { status: 410 },
  too_large: { status: 413 },
  too_many: { status: 429 },
  /** The engine, a model or the sandbox refused or did not answer. */
  upstream: { status: 502 },
  internal: { status: 500 },
} as const satisfies Record<string, { status: number }>;

export type StudioFaultCode = keyof typeof STUDIO_FAULTS;

const codes = Object.keys(STUDIO_FAULTS) as [StudioFaultCode, ...StudioFaultCode[]];

/** The body of every answer with a 4xx or 5xx status. `message` is for people; `field` names what was wrong in the request. */
export const ErrorAnswer = z.object({
  error: z.object({
    code: z.enum(codes),
    message: z.string(),
    field: z.string().optional(),
  }),
});
export type ErrorAnswer = z.output<typeof ErrorAnswer>;

/** A failure with a code that callers branch on and a message that a person understands. */
export class StudioError extends Error {
  override readonly name = "StudioError";
  readonly code: StudioFaultCode;
  /** What was wrong in the request, as a path: `message.parts.0.text`. */
  readonly field: string | undefined;

  constructor(
    code: StudioFaultCode,
    message: string,
    { field, ...options }: ErrorOptions & { field?: string | undefined } = {},
  ) {
    super(message, options);
    this.code = code;
    this.field = field;
  }
}
