import type { Requirement } from "./requirement.ts";

/** Snapshots and drives: what outlives a session, and what outlives a sandbox. */
export const SNAPSHOTS = [
  {
    id: "SNP-001",
    source: "reference 1.4 | live sandbox.test",
    behaviour: "snapshot() keeps the files and stops the session.",
  },
  { id: "SNP-002", source: "live sandbox.test", behaviour: "A sandbox's snapshots are listed." },
  {
    id: "SNP-003",
    source: "live compat",
    behaviour: "The static list and get know the same snapshot, with its source session.",
  },
  {
    id: "SNP-004",
    source: "live compat",
    behaviour: "A deleted snapshot stays in the list with status deleted.",
  },
  { id: "SNP-005", source: "mock compat", behaviour: "An unknown snapshot is a 404." },
  {
    id: "SNP-006",
    source: "live sandbox.test",
    behaviour:
      "snapshot() on a stopped sandbox resumes it first: two in a row give two snapshots, also when not persistent.",
  },
  {
    id: "SNP-007",
    source: "reference 1.2",
    behaviour: "A snapshot tells its size, region, times and how it was made.",
  },
  {
    id: "SNP-008",
    source: "reference 1.4",
    behaviour: "An expiration that is given counts; 0 means never.",
  },
  {
    id: "SNP-009",
    source: "reference 5.1",
    behaviour: "Without one, a snapshot expires 30 days after its last use.",
  },
  {
    id: "SNP-010",
    source: "reference 5.1",
    behaviour: "A sandbox's snapshotExpiration holds for its snapshots.",
  },
  { id: "SNP-011", source: "reference 5.1", behaviour: "A use moves the expiry on." },
  {
    id: "SNP-012",
    source: "reference 2.1",
    behaviour: "keepLastSnapshots deletes the older ones.",
  },
  {
    id: "SNP-013",
    source: "reference 2.1",
    behaviour: "With deleteEvicted false, the older ones stay.",
  },
  {
    id: "SNP-014",
    source: "reference 1.7 | live sandbox.test",
    behaviour: "Snapshots are listed page by page, in either order.",
  },
  {
    id: "SNP-015",
    source: "reference 1.7",
    behaviour: "The tree tells ancestors (desc) and descendants (asc) of a snapshot.",
  },
  { id: "SNP-016", source: "reference 1.7", behaviour: "The tree tells siblings and their count." },
  {
    id: "SNP-017",
    source: "reference 1.7",
    behaviour: "The tree is read page by page, 1 to 10 at a time.",
  },
  { id: "SNP-018", source: "reference 1.2", behaviour: "A snapshot names its parent." },
  { id: "SNP-019", source: "reference 2.7", behaviour: "delete() updates the instance." },
  {
    id: "SNP-020",
    source: "reference 1.3",
    behaviour: "A sandbox whose snapshot is gone cannot resume: 410 snapshot_not_found.",
  },
  {
    id: "SNP-021",
    source: "issue: the engine",
    behaviour: "An expired snapshot is deleted when its time comes.",
  },
  {
    id: "SNP-022",
    source: "reference 5.1",
    behaviour: "Retention of none or of more than 10 is a 400.",
  },
  {
    id: "DRV-001",
    source: "reference 1.7",
    behaviour: "Drive.getOrCreate makes a drive, and finds it the next time.",
  },
  { id: "DRV-002", source: "reference 1.7", behaviour: "Making one answers 201, finding it 200." },
  {
    id: "DRV-003",
    source: "reference 2.7",
    behaviour: "A drive tells its id, size, region and times.",
  },
  {
    id: "DRV-004",
    source: "reference 2.7",
    behaviour: "What one sandbox writes to a mounted drive, the next one reads.",
  },
  { id: "DRV-005", source: "reference 2.7", behaviour: "A drive has one writer at a time." },
  {
    id: "DRV-006",
    source: "reference 2.7",
    behaviour: "A drive mounted as a snapshot shows the files of that moment.",
  },
  {
    id: "DRV-007",
    source: "reference 1.7",
    behaviour: "An attached drive cannot be deleted: 409.",
  },
  {
    id: "DRV-008",
    source: "reference 1.7",
    behaviour: "An attached drive tells by whom it is used.",
  },
  { id: "DRV-009", source: "reference 1.7", behaviour: "A deleted drive is gone." },
  {
    id: "DRV-010",
    source: "reference 1.7",
    behaviour: "Drives are listed page by page, sorted, and filtered by a prefix.",
  },
  {
    id: "DRV-011",
    source: "reference 1.9",
    behaviour: "A drive is found by name or id, and forked.",
  },
  {
    id: "DRV-012",
    source: "reference 5.1",
    behaviour: "More than 4 drives on a sandbox are a 400.",
  },
  {
    id: "DRV-013",
    source: "reference 2.7",
    behaviour: "Mount paths that overlap or are not absolute are a 400.",
  },
  {
    id: "DRV-014",
    source: "reference 2.7",
    behaviour: "Mounting a drive that is not there is refused and makes no sandbox.",
  },
  { id: "DRV-015", source: "reference 2.2", behaviour: "A sandbox tells its mounts." },
] as const satisfies readonly Requirement[];
