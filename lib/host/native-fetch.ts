import type { Dispatcher } from "undici";

/** What the platform's fetch takes in Node: a dispatcher says over which connection it goes. */
export type FetchInit = Omit<RequestInit, "dispatcher" | "duplex"> & {
  dispatcher?: Dispatcher;
  duplex?: "half";
};
export type NativeFetch = (input: string | URL | Request, init?: FetchInit) => Promise<Response>;

const key = Symbol.for("sandlot.native-fetch");
const shared = globalThis as { [key]?: NativeFetch };

/**
 * The fetch that was there before `sandlot/register` put its own in front. Kept for the whole process,
 * so that a second copy of this module does not take the patched one for it.
 */
// Node's type of fetch comes from another copy of undici than the one that makes our dispatchers.
export const nativeFetch: NativeFetch = (shared[key] ??= globalThis.fetch as NativeFetch);
