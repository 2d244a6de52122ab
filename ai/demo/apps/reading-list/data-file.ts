import type { DemoFile } from "../demo-file.ts";

const book = (id: string, title: string, author: string, read: boolean) => ({
  id,
  title,
  author,
  read,
  addedAt: "2026-01-05T09:00:00.000Z",
});

/** What is on the list at the beginning. */
export const dataFile: DemoFile = {
  path: "books.json",
  content: `${JSON.stringify(
    [
      book("left-hand", "The Left Hand of Darkness", "Ursula K. Le Guin", false),
      book("invisible-cities", "Invisible Cities", "Italo Calvino", true),
      book("piranesi", "Piranesi", "Susanna Clarke", false),
      book("soul-machine", "The Soul of a New Machine", "Tracy Kidder", true),
    ],
    null,
    2,
  )}\n`,
};
