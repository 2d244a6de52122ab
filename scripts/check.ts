import { BUILD, runSteps, STATIC_STEPS, TESTS } from "./steps.ts";

// The gate on one's own desk. `--static` leaves the tests out, for those who have run them.
const tests = process.argv.includes("--static") ? [] : [TESTS];
runSteps([BUILD, ...STATIC_STEPS, ...tests]);
