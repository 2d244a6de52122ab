import type { ProjectType } from "./project.ts";

/** A starting point: what a kind of project is, and a prompt that shows it well. */
export interface ProjectTypeInfo {
  type: ProjectType;
  title: string;
  description: string;
  /** A prompt to start from; empty where the user begins with a blank page. */
  prompt: string;
}

/** In the order in which they are offered. */
export const PROJECT_TYPES: readonly ProjectTypeInfo[] = [
  {
    type: "website",
    title: "Website",
    description: "Pages for people to read: a portfolio, a product, an event.",
    prompt:
      "Build a one-page website for a small neighbourhood bakery: a warm hero with today's bread, a menu with prices, opening hours, how to find us, and a friendly footer. It should look good on a phone and in dark mode, with plain HTML and CSS and no build step.",
  },
  {
    type: "game",
    title: "Game",
    description: "Something to play in the browser, with keys or touch.",
    prompt:
      "Build a browser game on a canvas: a ship that dodges falling rocks, steered with the arrow keys or by touch. It gets faster over time, keeps the best score in the browser, and has a start screen, a pause key and a restart button.",
  },
  {
    type: "api",
    title: "API",
    description: "A server that programs talk to, with a page to try it.",
    prompt:
      "Build a small REST API with Node and no framework for a reading list: list, add, mark as read and delete books, kept in a JSON file. Bad input gets a clear 400. Add a page at / that documents each route and lets me try it.",
  },
  {
    type: "dashboard",
    title: "Dashboard",
    description: "Numbers and charts at a glance.",
    prompt:
      "Build a dashboard with Vite and React that shows a coffee shop's week: sales per day as a bar chart, the best-selling drinks, a table of orders that can be sorted and filtered, and totals at the top. Make up realistic data and draw the charts as SVG.",
  },
  {
    type: "other",
    title: "Something else",
    description: "Start from a blank page.",
    prompt: "",
  },
];
