/** A program for perl(1) as a shell's line. Its text may hold no line `PERL`. */
export const perl = (text: string) => `perl - <<'PERL'\n${text}\nPERL\n`;

/**
 * Opens what is there and keeps it open to be looked at; goes on where that fails. (An `exec` of its own would
 * end the shell then, and what would be tried next would not be.)
 */
export const hold = (path: string, how: "<" | ">>" = ">>") =>
  `[ -e "${path}" ] && command exec 9${how}"${path}" && echo holding && exec sleep 20`;

/** What a program of the sandbox's does that finds itself run by somebody mightier: looks for the host everywhere. */
export const LOOT = `
for root in "" /oldhost /oldroot /mnt /proc/[0-9]*/root /proc/[0-9]*/cwd /proc/[0-9]*/fd/[0-9]*; do
  cat "$root@SECRET@" 2>/dev/null
  [ ! -d "$root@OPEN@" ] || : >"$root@OPEN@/mark" 2>/dev/null
done
kill -KILL @VICTIM@ 2>/dev/null
`;
