import type { FrameLocator, Locator, Page } from "playwright-core";
import { SAMPLE_PROMPTS, type SamplePrompt } from "../../contract/sample-prompts.ts";

/** A sample prompt by its id. */
export function sample(id: SamplePrompt["id"]): SamplePrompt {
  const found = SAMPLE_PROMPTS.find((one) => one.id === id);
  if (!found) throw new Error(`there is no sample prompt ${id}`);
  return found;
}

/** How the demo's answers end, as the page shows them. */
const LAST_WORDS: Record<SamplePrompt["id"], string> = {
  "static-page": "a button that switches between light and dark.",
  "node-api": "to show the unread books only.",
  "vite-react": "to show how many days in a row each habit was kept.",
};
/** How the demo answers what it has no script for. */
export const REFUSAL = "Then choose it in the model list below the input.";
/** How the answer to the bakery's further change ends. */
export const BAKERY_CHANGED = "That is all that this script can do for the bakery.";

/** What a person sees and does on a project's page, by its names. */
export class StudioPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** On the first page: one click on a sample begins a project with it. */
  async begin(id: SamplePrompt["id"]): Promise<void> {
    await this.page.getByRole("button", { name: sample(id).title }).click();
    await this.page.waitForURL(/\/projects\//);
  }

  async send(text: string): Promise<void> {
    await this.message.fill(text);
    await this.message.press("Enter");
  }

  /** Begins a project with a sample and waits until it is built to the end. */
  async build(id: SamplePrompt["id"]): Promise<void> {
    await this.begin(id);
    await this.finished(LAST_WORDS[id]);
  }

  /** Resolves when the agent has said this, which must be its last words, and its turn is over. */
  async finished(lastWords: string | RegExp): Promise<void> {
    await this.said(lastWords);
    await this.page.getByRole("button", { name: "Send" }).waitFor();
  }

  /** Resolves when the conversation has this text. */
  async said(text: string | RegExp): Promise<void> {
    await this.conversation.getByText(text).last().waitFor();
  }

  async openTab(name: string): Promise<void> {
    await this.page.getByRole("tab", { name }).click();
  }

  get message(): Locator {
    return this.page.getByRole("textbox", { name: "Message" });
  }

  get conversation(): Locator {
    return this.page.getByRole("log", { name: "Conversation" });
  }

  /** What the previewed app shows. */
  get app(): FrameLocator {
    return this.page.frameLocator('iframe[title="The app"]');
  }
}
