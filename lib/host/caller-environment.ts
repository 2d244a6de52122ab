/** What a command line has to know of the shell that it was called from. */
export interface CallerEnvironment {
  /** The path of the user's login shell. */
  shell: string | undefined;
  /** What NODE_OPTIONS holds now. */
  nodeOptions: string;
}

export function callerEnvironment(): CallerEnvironment {
  return { shell: process.env["SHELL"], nodeOptions: process.env["NODE_OPTIONS"] ?? "" };
}
