import * as z from "zod";

/** What the maker is asked for, over Node's own channel between parent and child: things of one user's. */
export const MakeRequest = z.object({
  id: z.number(),
  things: z.array(
    z.object({
      /** A descriptor of the engine's that the directory is open at. */
      directoryFd: z.number(),
      name: z.string(),
      mode: z.number(),
      /** Of a file; absent for a directory. */
      content: z.custom<Uint8Array>((value) => value instanceof Uint8Array).optional(),
      /** What gets the name, instead of something new. */
      from: z.object({ directoryFd: z.number(), name: z.string() }).optional(),
    }),
  ),
  /** Ids on the host of the user whose it will be. */
  uid: z.number(),
  gid: z.number(),
  groups: z.array(z.number()),
});
export type MakeRequest = z.output<typeof MakeRequest>;
export type NewThing = MakeRequest["things"][number];

/** For each thing the system's code for why it was not made; null if it was. */
export const MakeAnswer = z.object({ id: z.number(), codes: z.array(z.string().nullable()) });
export type MakeAnswer = z.output<typeof MakeAnswer>;
