// perl(1), which every Debian has, knows system calls by their numbers only.
const NUMBERS: Record<string, readonly [x64: number, arm64: number]> = {
  ptrace: [101, 117],
  umount2: [166, 39],
  swapon: [167, 224],
  reboot: [169, 142],
  adjtimex: [159, 171],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  process_vm_readv: [310, 270],
  finit_module: [313, 273],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  pidfd_open: [434, 434],
  pidfd_getfd: [438, 438],
  pidfd_send_signal: [424, 424],
  syslog: [103, 116],
  acct: [163, 89],
  setxattr: [188, 5],
  getxattr: [191, 8],
  add_key: [248, 217],
  keyctl: [250, 219],
};

/** Their numbers on this machine, as variables for a program. */
export const SYSTEM_CALLS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(NUMBERS).map(([name, [x64, arm64]]) => [
    `NR_${name}`,
    String(process.arch === "arm64" ? arm64 : x64),
  ]),
);
