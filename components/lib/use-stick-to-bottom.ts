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
    let top = node.scrollTop;
    const look = () => {
      const near = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_PX;
      following.current = near;
      setAtEnd(near);
    };
    const follow = () => {
      if (following.current) node.scrollTop = node.scrollHeight;
      else look();
      height = node.scrollHeight;
      top = node.scrollTop;
    };
    const sizes = new ResizeObserver(follow);
    sizes.observe(node);
    for (const child of node.children) sizes.observe(child);
    const onScroll = () => {
      // What grew below the reader is no scrolling of the reader's; who goes up wants to.
      const grew = node.scrollHeight !== height && node.scrollTop >= top;
      top = node.scrollTop;
      if (!grew || !following.current) look();
    };
    // Who opens something wants to read it: it must not run away from under the pointer.
    const onClick = ({ target }: MouseEvent) => {
      if (target instanceof Element && target.closest("[aria-expanded]")) following.current = false;
    };
    node.addEventListener("click", onClick, { capture: true });
    node.addEventListener("scroll", onScroll, { passive: true });
    follow();
    return () => {
      sizes.disconnect();
      node.removeEventListener("scroll", onScroll);
      node.removeEventListener("click", onClick, { capture: true });
    };
  }, []);

  return { ref, atEnd, toEnd };
}
