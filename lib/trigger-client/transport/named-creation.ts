import { Name } from "../../contract/name.ts";
import type { FetchInit } from "../../host/native-fetch.ts";
import { randomText } from "../../std/ids.ts";

/**
 * The call that makes a sandbox, with its name: by that its run is found, so it is chosen here when the caller does
 * not.
 */
export async function namedCreation(
  init: FetchInit,
  { isOld }: { isOld: boolean },
): Promise<{ name: string | undefined; init: FetchInit }> {
  const text = await new Response(init.body).text();
  const body = objectOf(text);
  const given: unknown = body?.["name"];
  if (body && given === undefined) {
    const name = `sandbox-${randomText(10)}`;
    const whole = { ...body, name, ...(isOld && { persistent: false }) };
    return { name, init: { ...init, body: JSON.stringify(whole) } };
  }
  const name = Name.safeParse(given);
  return { name: name.success ? name.data : undefined, init: { ...init, body: text } };
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = text === "" ? {} : JSON.parse(text);
    return value instanceof Object && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    // Not JSON: the API says so.
    return undefined;
  }
}
