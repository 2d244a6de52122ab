import { join } from "node:path";
import { escapeSuite } from "../../../../testing/escape/escape-suite.ts";
import { whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";
import { whyNoOrdinaryUser } from "../../../../testing/ordinary-user.ts";
import { rangeUser } from "../../../../testing/range-user.ts";
import { CACHE_MOUNT } from "../outer/holder-script.ts";

const ROOT = join(import.meta.dirname, "../../../../..");
const IN_OUTER = join(ROOT, "lib/testing/run-in-outer.ts");

escapeSuite("an ordinary user's engine with a range of ids", {
  reason: whyNoOrdinaryUser() ?? (await whyNoNamespaces()),
  async run(programOf) {
    await using user = await rangeUser();
    const program = programOf(join(CACHE_MOUNT, "sandlot"));
    return await user.run([process.execPath, IN_OUTER, ...program], { cwd: ROOT });
  },
});
