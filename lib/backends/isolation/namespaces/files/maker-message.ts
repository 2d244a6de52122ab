import * as z from "zod";

/** What the maker is asked for, over Node's own channel between parent and child. */
export const MakeRequest = z.object({
  id: z.number(),
  /** A descriptor of the engine's that the directory is open at. */
  directoryFd: z.number(),
  name: z.string(),
  mode: z.number(),
  /** Of a file; absent for a directory. */
  content: z.custom<Uint8Array>((value) => value instanceof Uint8Array).optional(),
  /** Ids on the host of the user whose it will be. */
  uid: z.number(),
  gid: z.number(),
  groups: z.array(z.number()),
});
export type MakeRequest = z.output<typeof MakeRequest>;

/** Without a code it was made. */
export const MakeAnswer = z.object({ id: z.number(), code: z.string().optional() });
export type MakeAnswer = z.output<typeof MakeAnswer>;
