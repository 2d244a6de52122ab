import { join } from "node:path";
import { escapeSuite } from "../../../../testing/escape/escape-suite.ts";
import { whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";
import {
  ordinaryHome,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../../../../testing/ordinary-user.ts";

escapeSuite("an ordinary user's engine", {
  reason: whyNoOrdinaryUser() ?? (await whyNoNamespaces()),
  async run(programOf) {
    await using home = await ordinaryHome();
    const program = programOf(join(home.path, "cache"));
    return await runAsOrdinaryUser(["env", `HOME=${home.path}`, ...program]);
  },
});
