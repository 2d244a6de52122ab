import { FAULTS, type FaultCode, SandboxError } from "../../../contract/errors.ts";
import { type FaultContext, logUnforeseen } from "../faults.ts";

/** The codes of the Connect protocol that are used here, with the status of a unary answer that fails by them. */
const CONNECT_STATUS = {
  canceled: 499,
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 400,
  resource_exhausted: 429,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
  deadline_exceeded: 504,
} as const;
export type ConnectCode = keyof typeof CONNECT_STATUS;

/**
 * What the vendor's protocol refuses by a name of its own, where the engine has no fault: a directory that is there
 * already, a deadline of the call's.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ConnectCode;

  constructor(code: ConnectCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What failed, in both of the tongues that are spoken here: Connect's codes, and the statuses of plain HTTP. */
export interface Failure {
  code: ConnectCode;
  status: number;
  message: string;
}

type FaultStatus = (typeof FAULTS)[FaultCode]["status"];

// The vendor's client reads `unavailable` and 502 as a sandbox that is gone.
const BY_STATUS = {
  400: { code: "invalid_argument", status: 400 },
  401: { code: "unauthenticated", status: 401 },
  403: { code: "permission_denied", status: 403 },
  404: { code: "not_found", status: 404 },
  405: { code: "unimplemented", status: 405 },
  409: { code: "failed_precondition", status: 409 },
  410: { code: "unavailable", status: 502 },
  413: { code: "resource_exhausted", status: 413 },
  415: { code: "unimplemented", status: 415 },
  422: { code: "unavailable", status: 502 },
  429: { code: "resource_exhausted", status: 429 },
  500: { code: "internal", status: 500 },
  502: { code: "unavailable", status: 502 },
  503: { code: "unavailable", status: 503 },
  504: { code: "deadline_exceeded", status: 504 },
  507: { code: "resource_exhausted", status: 507 },
} as const satisfies Record<FaultStatus, { code: ConnectCode; status: number }>;

/**
 * What a caller is told of any error. Of what was not foreseen it learns an id and nothing else: the message and the
 * stack, which may name this machine's paths, go to the log under that id.
 */
export function failureOf(error: unknown, context: FaultContext): Failure {
  if (error instanceof Refusal) {
    return { code: error.code, status: CONNECT_STATUS[error.code], message: error.message };
  }
  if (SandboxError.is(error) && error.code === "unsupported") {
    return { code: "unimplemented", status: 501, message: error.message };
  }
  if (SandboxError.is(error) && error.code !== "internal") {
    return { ...BY_STATUS[FAULTS[error.code].status], message: error.message };
  }
  return { code: "internal", status: 500, message: logUnforeseen(error, context) };
}
