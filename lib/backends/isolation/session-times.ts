/** Milliseconds of processor time in what the shell's `times` wrote, for any number of commands. */
export function endedCpuMs(text: string): number {
  let milliseconds = 0;
  for (const [, minutes, seconds] of text.matchAll(/(\d+)m(\d+(?:[.,]\d+)?)s/g)) {
    milliseconds += (Number(minutes) * 60 + Number(seconds?.replace(",", "."))) * 1_000;
  }
  return Math.round(milliseconds);
}
