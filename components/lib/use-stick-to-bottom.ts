import { type RefCallback, useCallback, useRef, useState } from "react";

// Closer to the end than this counts as at the end: sub-pixels, and a line that came in the meantime.
const NEAR_PX = 48;

export interface StickToBottom {
  /** For the element that scrolls. It should have one child, which grows. */
  ref: RefCallback<HTMLElement>;
  /** Whether the end is in sight, and followed. */
  atEnd: boolean;
  toEnd: () => void;
}

/** Keeps the end of something that grows in sight, unless the reader scrolled away from it. */
export function useStickToBottom(): StickToBottom {
  const element = useRef<HTMLElement>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    following.current = true;
    setAtEnd(true);
    const { current } = element;
    if (current) current.scrollTop = current.scrollHeight;
  }, []);

  const ref = useCallback<RefCallback<HTMLElement>>((node) => {
    element.current = node;
    if (!node) return undefined;
    let height = node.scrollHeight;
    const follow = () => {
      if (following.current) node.scrollTop = node.scrollHeight;
      height = node.scrollHeight;
    };
    const sizes = new ResizeObserver(follow);
    sizes.observe(node);
    for (const child of node.children) sizes.observe(child);
    const onScroll = () => {
      const near = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_PX;
      // What grew below the reader is no scrolling of the reader's.
      if (!near && following.current && node.scrollHeight !== height) return;
      following.current = near;
      setAtEnd(near);
    };
    node.addEventListener("scroll", onScroll, { passive: true });
    follow();
    return () => {
      sizes.disconnect();
      node.removeEventListener("scroll", onScroll);
    };
  }, []);

  return { ref, atEnd, toEnd };
}
