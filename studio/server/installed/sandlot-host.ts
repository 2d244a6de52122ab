// What a bundle gets for the library's name: see `next.config.ts`. Left to Node at run time, which finds the package.
const library = await import(/* turbopackIgnore: true */ "sandlot/host");

export const { readSettings, sharedTransport, VERCEL_PREFIX } = library;
