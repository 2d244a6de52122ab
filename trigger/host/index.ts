export { sandboxHost, sandboxHostQueue } from "./sandbox-host.ts";
