/** Where the Vercel face is mounted. Each face has a prefix of its own, because the vendors' paths collide. */
export const VERCEL_PREFIX = "/vercel";
