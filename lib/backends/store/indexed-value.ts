/** What stands in an index for a field: absent values are `ABSENT`, so that every value has a place in the order. */
export type IndexedValue = string | number;

/** Below every number and, as numbers come first, below every text. */
export const ABSENT = Number.NEGATIVE_INFINITY;

/**
 * The text as an index holds it. UTF-8 has no lone surrogates, so SQLite would put a replacement
 * character in their place when it stores a text and when it compares with one.
 */
export function indexedText(text: string): string {
  return text.toWellFormed();
}

/** The value by which a row is found and sorted in the index of one of its fields. */
export function indexedField(row: unknown, field: string): IndexedValue {
  const value: unknown =
    typeof row === "object" && row !== null && Object.hasOwn(row, field)
      ? Reflect.get(row, field)
      : undefined;
  if (value === undefined || value === null) return ABSENT;
  if (typeof value === "number") return value;
  if (typeof value === "string") return indexedText(value);
  throw new TypeError(`${field} cannot be indexed: it is neither a text nor a number`);
}

/** Numbers before texts; texts by their characters' code points, as SQLite orders UTF-8. */
export function compareIndexed(left: IndexedValue, right: IndexedValue): number {
  if (typeof left === "number" && typeof right === "number") return left - right || 0;
  if (typeof left === "string" && typeof right === "string") {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  return typeof left === "number" ? -1 : 1;
}

const LAST_CODE_POINT = 0x10ffff;
// Between these two lie the surrogates, which are no characters.
const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_AFTER_SURROGATES = 0xe000;

/** The first text that is greater than all texts with this prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const characters = Array.from(indexedText(prefix));
  while (characters.length > 0) {
    const codePoint = characters.pop()?.codePointAt(0) ?? LAST_CODE_POINT;
    if (codePoint === LAST_CODE_POINT) continue; // Nothing follows it: count up the one before.
    const next = codePoint === LAST_BEFORE_SURROGATES ? FIRST_AFTER_SURROGATES : codePoint + 1;
    return characters.join("") + String.fromCodePoint(next);
  }
  return undefined;
}
