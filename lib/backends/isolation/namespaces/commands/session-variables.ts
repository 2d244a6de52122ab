import { existsSync } from "node:fs";
import { COMMAND_VARIABLE, SESSION_VARIABLE } from "../../session-marks.ts";
import { DEFAULT_USER } from "../default-user.ts";
import { EXTRA_CERTIFICATES, TRUSTED_CERTIFICATES } from "../system/engine-layer.ts";

export interface SessionVariablesOptions {
  sessionId: string;
  /** Of the default user, by the name that is the session's own. */
  user: string;
  home: string;
  ports: readonly number[];
  /** Where the host's Node is in the sandbox, if it is not in `/usr`. */
  nodeDirectory?: string | undefined;
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The variables that every command of the default user starts from. Nothing else of the host's gets in. */
export function sessionVariables(options: SessionVariablesOptions): Record<string, string> {
  const { sessionId, ports } = options;
  return {
    LANG: "C.UTF-8",
    NODE_EXTRA_CA_CERTS: EXTRA_CERTIFICATES,
    ...certificateVariables(),
    ...personalVariables(options),
    TMPDIR: "/tmp",
    ...portVariables(ports),
    [SESSION_VARIABLE]: sessionId,
  };
}

/**
 * For what brings a list of its own, as Python's packages do: whoever rules and secrets look into is vouched for by
 * the engine. A host that keeps its list elsewhere has only the engine's in this one.
 */
function certificateVariables(): Record<string, string> {
  if (!existsSync(TRUSTED_CERTIFICATES)) return {};
  return { SSL_CERT_FILE: TRUSTED_CERTIFICATES, REQUESTS_CA_BUNDLE: TRUSTED_CERTIFICATES };
}

/** Those of a user who is not root. */
export function personalVariables({
  user,
  home,
  nodeDirectory,
}: Pick<SessionVariablesOptions, "user" | "home" | "nodeDirectory">): Record<string, string> {
  const globals = `${home}/.global/npm`;
  const own = [`${home}/.local/bin`, `${globals}/bin`];
  return {
    PATH: [...own, ...(nodeDirectory ? [nodeDirectory] : []), SYSTEM_PATH].join(":"),
    HOME: home,
    USER: user,
    LOGNAME: user,
    SHELL: "/bin/bash",
    npm_config_prefix: globals,
  };
}

/** Every port is the sandbox's own: a program listens where it likes, and on the first exposed one if it asks. */
function portVariables(ports: readonly number[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const port of ports) {
    variables["PORT"] ??= String(port);
    variables[`SANDLOT_PORT_${port}`] = String(port);
  }
  return variables;
}

/** A command's variables over the session's: those of whoever it runs as, its own, and the command's mark. */
export function commandVariables(
  session: Readonly<Record<string, string>>,
  command: {
    env: Readonly<Record<string, string>>;
    commandId: string;
    variables: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  return {
    ...session,
    ...command.variables,
    ...command.env,
    [SESSION_VARIABLE]: session[SESSION_VARIABLE] ?? "",
    [COMMAND_VARIABLE]: command.commandId,
  };
}

/** As the vendor's sudo sets them. What root installs for everybody goes where everybody finds it. */
export function rootVariables(user: string): Record<string, string> {
  return {
    HOME: "/root",
    USER: "root",
    LOGNAME: "root",
    SUDO_USER: user,
    SUDO_UID: String(DEFAULT_USER.uid),
    SUDO_GID: String(DEFAULT_USER.gid),
    npm_config_prefix: "/usr/local",
  };
}
