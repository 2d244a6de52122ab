import type { Face, RequestHead } from "../engine/face.ts";

const CODES: Record<number, string> = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  410: "gone",
  429: "rate_limited",
  500: "internal_server_error",
};

/** An error for a request to the face in its vendor's own shape; without a face, in Sandlot's. */
export function refuse(
  request: RequestHead,
  refusal: { status: number; message: string },
  face?: Face,
): Response {
  if (face?.refuse) return face.refuse(request, refusal);
  const { status, message } = refusal;
  const error = { code: CODES[status] ?? "engine_unavailable", message };
  return Response.json({ error }, { status });
}
