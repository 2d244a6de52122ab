import { SandboxError } from "../contract/errors.ts";
import { readSettings } from "./settings.ts";

/**
 * The URL at which this program reaches a port of a sandbox in a Trigger.dev run. Throws `unsupported` when
 * nothing leads into the run: the engine's own URL would be of the wrong machine.
 */
export function ingressUrl({ url, port }: { url: string; port: number }): string {
  const { ingress } = readSettings();
  if (ingress !== undefined) return ingress.replaceAll("{port}", new URL(url).port);
  throw new SandboxError(
    "unsupported",
    `Port ${port} of the sandbox cannot be reached: it is inside a Trigger.dev run, and nothing leads there from outside. Where the runs are on a machine that you reach (\`trigger dev\` on this one), set SANDLOT_INGRESS to its address with {port} in it, such as http://localhost:{port}; or use SANDLOT_ENGINE=daemon, a URL or vercel for sandboxes that serve.`,
  );
}
