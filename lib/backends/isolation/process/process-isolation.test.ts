import { isolationSuite } from "../../../testing/isolation-suite.ts";
import { processIsolation } from "./process-isolation.ts";

const baseEnv = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };

isolationSuite("process isolation", {
  makeIsolation: (directory) => processIsolation({ directory, baseEnv }),
});
