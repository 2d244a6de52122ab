import { delimiter, join } from "node:path";
import { COMMAND_VARIABLE, SESSION_VARIABLE } from "../session-marks.ts";

export interface SessionEnvironmentOptions {
  sessionId: string;
  /** What the host hands in: its PATH, its certificates. */
  baseEnv: Readonly<Record<string, string>>;
  /** Host paths. */
  home: string;
  temporary: string;
}

/** The variables that every command of a session starts from. Nothing else of the host's gets in. */
export function sessionEnvironment(options: SessionEnvironmentOptions): Record<string, string> {
  const { baseEnv, home } = options;
  // Where `npm i -g` and `pip install --user` put programs: never into the host's own directories.
  const globals = join(home, ".global", "npm");
  const path = [join(home, ".local", "bin"), join(globals, "bin"), baseEnv["PATH"] ?? ""];
  return {
    LANG: "C.UTF-8",
    ...baseEnv,
    PATH: path.filter((part) => part !== "").join(delimiter),
    HOME: home,
    TMPDIR: options.temporary,
    npm_config_prefix: globals,
    [SESSION_VARIABLE]: options.sessionId,
  };
}

/** The session's variables, those of its ports, the command's over both, and the command's mark. */
export function commandEnvironment(
  session: Readonly<Record<string, string>>,
  command: {
    ports: Readonly<Record<string, string>>;
    env: Readonly<Record<string, string>>;
    commandId: string;
  },
): Record<string, string> {
  return {
    ...session,
    ...command.ports,
    ...command.env,
    [SESSION_VARIABLE]: session[SESSION_VARIABLE] ?? "",
    [COMMAND_VARIABLE]: command.commandId,
  };
}
