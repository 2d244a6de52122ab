/**
 * Scrolls the nearest element that scrolls, and only that one, until `element` stands at its start or in its middle.
 * The browser's own `scrollIntoView` moves everything around it, too: areas that are cut off, even the page.
 */
export function scrollWithin(element: HTMLElement, block: "start" | "center"): void {
  const scroller = scrollerOf(element);
  if (!scroller) return;
  const place = element.getBoundingClientRect();
  const frame = scroller.getBoundingClientRect();
  const room = block === "start" ? 16 : (frame.height - place.height) / 2;
  scroller.scrollTop += place.top - frame.top - room;
}

function scrollerOf(element: HTMLElement): HTMLElement | undefined {
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    if (["auto", "scroll"].includes(getComputedStyle(parent).overflowY)) return parent;
  }
  return undefined;
}
