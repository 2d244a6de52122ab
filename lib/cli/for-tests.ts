/** What the help of every command says that steers an engine for tests. */
export const FOR_TESTS =
  "For tests. The engine must have been started with SANDLOT_TEST_CONTROLS=1; without it, exit code 5.";
