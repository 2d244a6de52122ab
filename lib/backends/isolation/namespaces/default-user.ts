import { DEFAULTS } from "../../../contract/defaults.ts";

/** As whom commands run unless they are asked to be root: the vendor's name, with the vendor's numbers. */
export const DEFAULT_USER = {
  name: "vercel-sandbox",
  uid: 1_000,
  gid: 1_000,
  home: DEFAULTS.home,
} as const;
