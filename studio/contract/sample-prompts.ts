import type { ProjectType } from "./project.ts";

/** A prompt that is one click away, and that the demo model builds for real. */
export interface SamplePrompt {
  id: "static-page" | "node-api" | "vite-react";
  title: string;
  description: string;
  prompt: string;
  /** The one further change that the demo model can make to what it built. */
  followUp: string;
  projectType: ProjectType;
}

/** The demo model knows these by their exact text, in this order of effort. */
export const SAMPLE_PROMPTS: readonly SamplePrompt[] = [
  {
    id: "static-page",
    title: "A page for a bakery",
    description: "HTML and CSS, served at once.",
    prompt: "Build a one-page website for a small neighbourhood bakery.",
    followUp: "Add a button that switches between light and dark.",
    projectType: "website",
  },
  {
    id: "node-api",
    title: "A reading list with an API",
    description: "A Node server, routes that answer JSON, and a page that uses them.",
    prompt: "Build a reading list: a small Node API with a page that uses it.",
    followUp: "Let me filter the list to unread books only.",
    projectType: "api",
  },
  {
    id: "vite-react",
    title: "A habit tracker in React",
    description: "Vite and React, installed with npm.",
    prompt: "Build a habit tracker with Vite and React.",
    followUp: "Show how many days in a row I kept each habit.",
    projectType: "dashboard",
  },
];
