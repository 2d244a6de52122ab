/** Gives the focus to the next area of a project's page, or to the one before: to its element with `data-focus-area`. */
export function focusNextArea(backwards: boolean): void {
  const areas = [...document.querySelectorAll<HTMLElement>("[data-focus-area]")].filter((element) =>
    element.checkVisibility(),
  );
  const here = areas.findIndex((element) =>
    element.closest("[data-panel]")?.contains(document.activeElement),
  );
  // Where the focus is in none of them, forwards begins at the first and backwards at the last.
  const next = backwards ? (here < 0 ? areas.length : here) - 1 : here + 1;
  areas[(next + areas.length) % areas.length]?.focus();
}

/**
 * F6 goes from area to area, wherever the focus is: out of a terminal and an editor, too, which keep the Tab key for
 * themselves. Lasts until the result is called.
 */
export function walkAreas(): () => void {
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "F6" || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    focusNextArea(event.shiftKey);
  }
  window.addEventListener("keydown", onKeyDown);
  return () => window.removeEventListener("keydown", onKeyDown);
}
