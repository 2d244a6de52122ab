import { constants } from "node:os";
import { LIMITS } from "../../contract/limits.ts";

const { EACCES, ENODATA } = constants.errno;

/** The numbers of the system calls, which Perl does not know by name. */
const CALLS: Readonly<Record<string, { set: number; get: number; list: number; remove: number }>> =
  {
    x64: { set: 188, get: 191, list: 194, remove: 197 },
    arm64: { set: 5, get: 8, list: 11, remove: 14 },
  };

/**
 * A program that reads and writes the extended attributes of files, which Node cannot; undefined where it would
 * not know how to. Each line that it reads is one request: an id, `get` or `set`, the path, and for `set` names and
 * values; all but the first two in hexadecimal digits. It answers each by the id and an error's number (0: none),
 * after `get` with names and values: as many as a file may bear. What a sandbox's program gave it beyond that, and
 * what may not be read, is left out.
 */
export function metadataScript(architecture: string): string | undefined {
  const calls = CALLS[architecture];
  if (!calls || process.platform !== "linux") return undefined;
  const { set, get, list, remove } = calls;
  return `
use strict; $| = 1;
my $prefix = "user.e2b.";
sub names {
  my ($path) = @_;
  my $room = "\\0" x 65536;
  my $length = syscall(${list}, $path, $room, 65536);
  return if $length < 0;
  $! = 0;
  return grep { index($_, $prefix) == 0 } split /\\0/, substr($room, 0, $length);
}
sub take {
  my ($path) = @_;
  my @found;
  my $left = ${LIMITS.fileMetadataBytes};
  for my $name (names($path)) {
    my $room = "\\0" x 65536;
    my $length = syscall(${get}, $path, $name, $room, 65536);
    if ($length < 0) {
      $! = 0 if $! == ${EACCES} || $! == ${ENODATA};
      next;
    }
    my $key = substr($name, length $prefix);
    $left -= length($key) + $length;
    last if $left < 0;
    push @found, $key, substr($room, 0, $length);
  }
  return @found;
}
sub put {
  my ($path, %wanted) = @_;
  for my $name (names($path)) {
    next if exists $wanted{substr($name, length $prefix)};
    return if syscall(${remove}, $path, $name) < 0;
  }
  return if $!;
  for my $key (keys %wanted) {
    my $name = $prefix . $key;
    my $value = $wanted{$key};
    return if syscall(${set}, $path, $name, $value, length $value, 0) < 0;
  }
}
while (my $line = <STDIN>) {
  chomp $line;
  my ($id, $what, @rest) = split / /, $line, -1;
  my ($path, @words) = map { pack "H*", $_ } @rest;
  $! = 0;
  my @answer = $what eq "get" ? take($path) : put($path, @words);
  my $error = $! + 0;
  print join(" ", $id, $error, $what eq "get" ? map { unpack "H*", $_ } @answer : ()), "\\n";
}
`;
}
