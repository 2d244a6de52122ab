import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants.js";

/** How Next builds and serves the studio. */
export default function configure(phase: string): NextConfig {
  return {
    serverExternalPackages: ["@vercel/sandbox", "httpxy", "ws"],
    turbopack: {
      // The library starts programs that lie beside its own files, so it must not be bundled. As a workspace it is a
      // link out of node_modules, which serverExternalPackages does not follow.
      resolveAlias: {
        sandlot: "./studio/server/installed/sandlot.ts",
        "sandlot/host": "./studio/server/installed/sandlot-host.ts",
      },
    },
    // `npm run types` checks them, with the library's; who only starts the studio need not wait for it.
    typescript: { ignoreBuildErrors: true },
    poweredByHeader: false,
    reactStrictMode: true,
    // A stream of events must not wait until enough has come together to compress it.
    compress: false,
    devIndicators: false,
    // Nobody reads the source maps of what `npm start` builds, and to make them costs an eighth of that build.
    ...(phase === PHASE_DEVELOPMENT_SERVER
      ? {}
      : { experimental: { turbopackSourceMaps: false, turbopackInputSourceMaps: false } }),
  };
}
