/**
 * The one range of bytes that a `Range` header asks for, both ends included; `unsatisfiable` when no byte of it is
 * there; undefined when there is none to be kept to: several ranges, other units, or an empty file are answered by the
 * whole, as Go's servers do.
 */
export function readRange(
  header: string | null,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const given = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? "");
  if (!given || size === 0) return undefined;
  const [, first = "", last = ""] = given;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const count = Math.min(Number(last), size);
    return count === 0 ? "unsatisfiable" : { start: size - count, end: size - 1 };
  }
  const [start, end] = [Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1)];
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}
