// `node --import sandlot/register app.js`: from here on, the vendor's unmodified SDK and CLI reach Sandlot.
// It is loaded by every Node process below that one, so what is not needed by all is loaded on demand.
import { readSettings } from "../host/settings.ts";
import { install } from "./install.ts";

// With the real cloud as the engine there is nothing to redirect.
const { kind } = readSettings().engine;
if (kind !== "vercel") install(import.meta.url, { inRuns: kind === "trigger" });
