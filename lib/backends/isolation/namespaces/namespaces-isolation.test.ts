import { whyNoUsers } from "../../../testing/isolation-root-file-cases.ts";
import { isolationSuite } from "../../../testing/isolation-suite.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../testing/namespaces-bench.ts";

const unavailable = await whyNoNamespaces();
const makeIsolation = await makeNamespaces();

isolationSuite("namespaces isolation", {
  makeIsolation,
  unavailable,
  excused: {
    ...(await whyNoUsers(makeIsolation)),
    "says path_outside_sandbox for a link that climbs out":
      "a link that climbs above a root of the sandbox's own ends there",
    "leaves out what is nothing without its process":
      "a disk of its own keeps what programs put there, as the cloud's does",
  },
});
