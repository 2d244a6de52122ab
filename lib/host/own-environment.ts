import { SETTINGS, type Settings } from "./settings.ts";

// What a process that outlives its starter may know of its environment. It serves others, too, so secrets,
// NODE_OPTIONS and the like of one program must not stay in it.
const PASSED_ON = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "XDG_RUNTIME_DIR",
  "XDG_STATE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_CACHE_HOME",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "SystemRoot",
  "SystemDrive",
  "LOCALAPPDATA",
  "APPDATA",
  "USERPROFILE",
  "PATHEXT",
  "ComSpec",
];

/** The environment of a process of ours that outlives this one: what it needs, and the settings as they are. */
export function ownEnvironment(settings: Settings): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) passed[name] = value;
  }
  const { listen } = settings;
  return {
    ...passed,
    // Resolved already: another folder must not come out because of another working directory.
    [SETTINGS.home.variable]: settings.home,
    [SETTINGS.isolation.variable]: settings.isolation,
    [SETTINGS.idleMs.variable]: String(settings.idleMs),
    [SETTINGS.outputLimitBytes.variable]: String(settings.outputLimitBytes),
    [SETTINGS.logLevel.variable]: settings.logLevel,
    ...(settings.testControls && { [SETTINGS.testControls.variable]: "1" }),
    ...(listen && {
      [SETTINGS.listen.variable]: `${listen.host === "::1" ? "[::1]" : listen.host}:${listen.port}`,
    }),
  };
}
