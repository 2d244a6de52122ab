import { styleText } from "node:util";

/** Says what is being done, and remembers how long each step took. */
export class StepClock {
  readonly #steps: { name: string; ms: number }[] = [];

  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    console.log(`${styleText("cyan", "▸")} ${styleText("bold", name)}`);
    const startedAt = performance.now();
    const result = await work();
    this.#steps.push({ name, ms: performance.now() - startedAt });
    return result;
  }

  /** A remark on the step that was just done. */
  say(text: string): void {
    console.log(styleText("dim", `  ${text}`));
  }

  table(): string {
    const rows = [
      ...this.#steps,
      { name: "all together", ms: this.#steps.reduce((sum, { ms }) => sum + ms, 0) },
    ].map(({ name, ms }) => [name, `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`] as const);
    const left = Math.max(...rows.map(([name]) => name.length));
    const right = Math.max(...rows.map(([, time]) => time.length));
    return rows
      .map(([name, time], index) => {
        const line = `  ${name.padEnd(left)}  ${time.padStart(right)}`;
        return index === rows.length - 1 ? styleText("bold", line) : line;
      })
      .join("\n");
  }
}
