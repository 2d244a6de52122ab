import { checkFloors } from "./floor-report.ts";

const { files, imports, violations, unseen } = checkFloors(process.cwd());
for (const violation of violations) process.stdout.write(`${violation}\n`);
for (const folder of unseen) process.stdout.write(`${folder}: no file was seen in this room\n`);
process.stdout.write(
  `floors: ${files} files, ${imports} imports, ${violations.length} violations\n`,
);
// A check that saw nothing has checked nothing.
if (violations.length > 0 || unseen.length > 0 || imports === 0) process.exitCode = 1;
