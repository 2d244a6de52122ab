import { PROGRAM_PATH } from "../backends/isolation/namespaces/machine/run-program.ts";

/** Where newuidmap(1) is looked for: some systems keep setuid programs in places of their own. */
export function mapperPath(env: NodeJS.ProcessEnv): string {
  return env["PATH"] ? `${env["PATH"]}:${PROGRAM_PATH}` : PROGRAM_PATH;
}
