/** A host name in the one form in which it is compared. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/**
 * A domain of a policy. `*` alone is every name; as the first label it stands for one or more labels,
 * anywhere else for exactly one label or a part of one.
 */
export class DomainPattern {
  /** How closely it describes: of two patterns that match, the higher one holds. */
  readonly weight: number;
  readonly #labels: string[];

  constructor(domain: string) {
    this.#labels = plainName(domain).split(".");
    const stars = this.#labels.filter((label) => label.includes("*")).length;
    this.weight = stars === 0 ? Infinity : this.#labels.length - stars;
  }

  /** Whether it is a name without a wildcard. */
  get isExact(): boolean {
    return this.weight === Infinity;
  }

  /** Whether it stands for every name there is. */
  get isAny(): boolean {
    return this.#labels.length === 1 && this.#labels[0] === "*";
  }

  matches(name: string): boolean {
    const labels = plainName(name).split(".");
    const [first, ...others] = this.#labels;
    if (first !== "*") return sameLabels(this.#labels, labels);
    if (labels.length <= others.length) return false;
    return sameLabels(others, labels.slice(labels.length - others.length));
  }
}

function sameLabels(patterns: string[], labels: string[]): boolean {
  return (
    patterns.length === labels.length &&
    patterns.every((pattern, index) => isLabel(pattern, labels[index]!))
  );
}

// Piece by piece from the left, each as early as it goes: no backtracking, whatever the pattern.
function isLabel(pattern: string, label: string): boolean {
  const pieces = pattern.split("*");
  if (pieces.length === 1) return pattern === label;
  const head = pieces[0]!;
  const tail = pieces.at(-1)!;
  if (label.length < head.length + tail.length) return false;
  if (!label.startsWith(head) || !label.endsWith(tail)) return false;
  let at = head.length;
  const end = label.length - tail.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = label.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
