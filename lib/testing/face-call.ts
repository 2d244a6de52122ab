import type { Face } from "../engine/face.ts";

/** One request to a face, with a JSON body (if any), and the JSON of its answer; undefined where that is empty. */
export async function callFace(
  face: Pick<Face, "fetch">,
  [method, path]: readonly [method: string, path: string],
  body?: unknown,
) {
  const response = await face.fetch(
    new Request(`http://face.test${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    }),
  );
  const text = await response.text();
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- what it is, each test asks
  const json = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}
