import { perl } from "./shell-text.ts";
import { SYSTEM_CALLS } from "./system-calls.ts";

/** A key in the session keyring of what starts an engine, as a login has them. */
export const CALLERS_KEY = { name: "of-the-caller", value: "known-to-the-caller" } as const;

const { NR_keyctl, NR_add_key } = SYSTEM_CALLS;
const SCRIPT = `
  my ($type, $name, $value) = ("user", "${CALLERS_KEY.name}", "${CALLERS_KEY.value}");
  syscall(${NR_keyctl}, 1, 0) > 0 or die "join: $!";
  syscall(${NR_add_key}, $type, $name, $value, length $value, -3) > 0 or die "add: $!";
  exec { $ARGV[0] } @ARGV`;

/** The words before a program's absolute path that start it with such a keyring. */
export const withCallersKey: readonly string[] = ["/usr/bin/perl", "-e", SCRIPT];

/** A shell's line that looks for the key and says what it has read. */
export const READ_CALLERS_KEY = perl(`
  my ($type, $name) = ("user", "${CALLERS_KEY.name}"); my $id = syscall($ENV{NR_keyctl}, 10, -3, $type, $name, 0); print "search: $id $!\\n";
  my $text = " " x 64; my $length = syscall($ENV{NR_keyctl}, 11, $id, $text, 64); print "read: ", substr($text, 0, $length), "\\n" if $length > 0;`);
