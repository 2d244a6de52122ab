import { e2bFace } from "../faces/e2b/e2b-face.ts";
import { faceContext } from "./face-context.ts";
import { listLog } from "./list-log.ts";
import { ManualClock } from "./manual-clock.ts";
import { scriptedEngine } from "./scripted-engine.ts";

/** An e2b face over a scripted engine, and what a test needs around it. */
export function scriptedE2b({ offered = true }: { offered?: boolean } = {}) {
  const scripted = scriptedEngine({ offered });
  const log = listLog();
  const clock = new ManualClock(scripted.state.now());
  const context = faceContext({ engine: scripted.engine, log, clock });
  const face = e2bFace(context);
  /** One request, its JSON body (if any) and its answer's JSON (if any). */
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await face.fetch(
      new Request(`http://face.test${path}`, {
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json: text === "" ? undefined : JSON.parse(text),
    };
  };
  return { ...scripted, face, context, clock, log, call };
}
