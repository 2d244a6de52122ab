import { runSteps, STEPS, TESTS } from "./steps.ts";

// The gate on one's own desk. `--static` leaves the tests out, for those who have run them.
const withTests = !process.argv.includes("--static");
runSteps(STEPS.filter((step) => withTests || step !== TESTS));
