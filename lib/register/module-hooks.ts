import module, { createRequire } from "node:module";
import { extname } from "node:path";
import { rewriteDomain } from "./rewrite-domain.ts";

/** Makes `domain()` of every copy of the SDK that is loaded from now on give URLs of this machine. */
export function installModuleHooks(): void {
  // Node 22.15 and 23.5 brought hooks for both kinds of modules; before, each kind has its own.
  if (typeof module.registerHooks === "function") installSynchronousHooks();
  else {
    // Sources run as they are in tests; the package holds built files.
    const hooks = new URL("./loader-hooks.ts", import.meta.url).href;
    module.register(hooks.replace(/\.ts$/, extname(import.meta.url)));
    installCompileHook();
  }
}

function installSynchronousHooks(): void {
  module.registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const { source } = loaded;
      if (typeof source !== "string" && !(source instanceof Uint8Array)) return loaded;
      const rewritten = rewriteDomain(source);
      return rewritten === undefined ? loaded : { ...loaded, source: rewritten };
    },
  });
}

type Compile = (this: unknown, content: string, ...rest: unknown[]) => unknown;

/** CommonJS has no hook of its own in older versions, but each module's text goes through this method. */
function installCompileHook(): void {
  const { Module } = createRequire(import.meta.url)("node:module") as {
    Module: { prototype: { _compile: Compile } };
  };
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, ...rest) {
    const rewritten = typeof content === "string" ? rewriteDomain(content) : undefined;
    return compile.call(this, rewritten ?? content, ...rest);
  };
}
