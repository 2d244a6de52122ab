/**
 * What the platform's fetch takes in Node. The dispatcher says over which connection it goes; there are
 * several copies of its class in a program (Node's, ours, the vendor's), which TypeScript tells apart.
 */
export type FetchInit = Omit<RequestInit, "dispatcher" | "duplex"> & {
  dispatcher?: unknown;
  duplex?: "half";
};
export type NativeFetch = (input: string | URL | Request, init?: FetchInit) => Promise<Response>;

const key = Symbol.for("sandlot.native-fetch");
const shared = globalThis as { [key]?: NativeFetch };

/**
 * The fetch that was there before `sandlot/register` put its own in front. Kept for the whole process,
 * so that a second copy of this module does not take the patched one for it.
 */
export const nativeFetch: NativeFetch = (shared[key] ??= globalThis.fetch as NativeFetch);
