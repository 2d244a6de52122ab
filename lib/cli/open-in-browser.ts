import { spawn } from "node:child_process";

/** Opens the URL with the system's own program; false when there is none. Returns once it has been started. */
export async function openInBrowser(url: string): Promise<boolean> {
  const [program, ...args] = openerFor(process.platform, url);
  const child = spawn(program, args, { detached: true, stdio: "ignore" });
  child.unref();
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("spawn", () => resolve(true));
  });
}

/** The URL is one argument of a program, never part of a shell line. */
function openerFor(platform: NodeJS.Platform, url: string): [string, ...string[]] {
  if (platform === "darwin") return ["open", url];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}
