// What the package's entry `sandlot/host` offers. A name added here is public for good.
export { daemonStatus, stopDaemon } from "./daemon-control.ts";
export type { StatusAnswer as EngineStatus } from "./host-answers.ts";
export { runSandboxHost } from "./carrier/run-host.ts";
export type { HostEnd, HostLink, RunHostOptions } from "./carrier/run-host.ts";
export { chooseIsolation } from "./choose-isolation.ts";
export { openEngine } from "./open-engine.ts";
export type { OpenEngine } from "./open-engine.ts";
export { testControls } from "./controls/test-controls.ts";
export type { Duration, TestControls } from "./controls/test-controls.ts";
export type {
  ActiveFault,
  FaultAction,
  FaultRule,
  FaultRuleInput,
  LoggedRequest,
} from "./controls/control-words.ts";
export { packageVersion, PROTOCOL } from "./package-version.ts";
export { readSettings, SETTINGS } from "./settings.ts";
export type { EngineChoice, Settings } from "./settings.ts";
export { sharedTransport } from "./shared-transport.ts";
export { startDaemon } from "./start-daemon.ts";
export { stateFolder } from "./state-folder.ts";
export type { StateFolder } from "./state-folder.ts";
export type { Transport } from "./transport.ts";
export { e2bNamesEnvironment, vendorEnvironment } from "./vendor-environment.ts";
export type { VendorName } from "./vendor-environment.ts";
export { VERCEL_PREFIX } from "./vercel-prefix.ts";
