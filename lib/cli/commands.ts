import type { CliCommand } from "./command-spec.ts";
import { clock, clockAdvance, clockExpire } from "./commands/clock.ts";
import { daemonLogs } from "./commands/daemon-logs.ts";
import { daemonStart } from "./commands/daemon-start.ts";
import { showDaemon } from "./commands/daemon-status.ts";
import { daemonStop } from "./commands/daemon-stop.ts";
import { doctor } from "./commands/doctor.ts";
import { env } from "./commands/env.ts";
import { faults, faultsAdd, faultsClear } from "./commands/faults.ts";
import { logs } from "./commands/logs.ts";
import { ls } from "./commands/ls.ts";
import { mcp } from "./commands/mcp.ts";
import { open } from "./commands/open.ts";
import { prune } from "./commands/prune.ts";
import { requests, requestsClear } from "./commands/requests.ts";
import { rm } from "./commands/rm.ts";
import { status } from "./commands/status.ts";
import { stop } from "./commands/stop.ts";

/** Every command, in the order in which the help shows them. */
export const COMMANDS: CliCommand[] = [
  status,
  ls,
  logs,
  open,
  stop,
  rm,
  prune,
  doctor,
  daemonStart,
  daemonStop,
  showDaemon,
  daemonLogs,
  env,
  clock,
  clockAdvance,
  clockExpire,
  faults,
  faultsAdd,
  faultsClear,
  requests,
  requestsClear,
  mcp,
];
