import { type RefCallback, useCallback, useState } from "react";

export interface VisibleRows {
  /** For the element that scrolls. */
  ref: RefCallback<HTMLElement>;
  /** The first row that is to be there, and the first after the last. */
  from: number;
  to: number;
}

// Rows beyond the edges are there, too, so that scrolling shows no gaps; and the range moves on in steps, so that not
// each row that is scrolled by makes a new picture.
const STEP = 20;

/** Tells which rows of a long list are in sight, where all rows have one height. */
export function useVisibleRows(rowHeight: number): VisibleRows {
  const [range, setRange] = useState({ from: 0, to: 3 * STEP });
  const ref = useCallback<RefCallback<HTMLElement>>(
    (node) => {
      if (!node) return undefined;
      const look = () => {
        const first = Math.floor(node.scrollTop / rowHeight / STEP);
        const last = Math.ceil((node.scrollTop + node.clientHeight) / rowHeight / STEP);
        const next = { from: Math.max(0, first - 1) * STEP, to: (last + 1) * STEP };
        setRange((before) => (before.from === next.from && before.to === next.to ? before : next));
      };
      const sizes = new ResizeObserver(look);
      sizes.observe(node);
      node.addEventListener("scroll", look, { passive: true });
      return () => {
        sizes.disconnect();
        node.removeEventListener("scroll", look);
      };
    },
    [rowHeight],
  );
  return { ref, ...range };
}
