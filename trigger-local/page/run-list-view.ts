import { html } from "hono/html";
import type { Engine } from "../engine/engine.ts";
import { apiStatus } from "../protocol/run-answers.ts";
import type { Run } from "../store/run.ts";
import { type Html, layout } from "./layout.ts";

const SHOWN = 100;

/** The page with the newest runs. */
export function runListPage(engine: Engine): Html {
  return layout(
    "Runs",
    html`<h1>Runs</h1>
      <div class="table" data-live="/page/runs" data-events="/page/events">
        ${runTable(engine)}
      </div>`,
  );
}

/** The newest runs, as they are now. */
export function runTable(engine: Engine): Html {
  const runs = engine.runs.list({}, { limit: SHOWN });
  if (runs.length === 0) {
    return html`<p class="faint">No run yet. Trigger one, and it is here at once.</p>`;
  }
  return html`<table>
    <thead>
      <tr>
        <th>Run</th>
        <th>Task</th>
        <th>Status</th>
        <th>Queued</th>
        <th>Took</th>
        <th>Tags</th>
      </tr>
    </thead>
    <tbody>
      ${runs.map(row)}
    </tbody>
  </table>`;
}

/** What a run is at, as a word with a colour. */
export function statusLabel(run: Run): Html {
  const status = apiStatus(run);
  return html`<span class="status ${status}">${status.toLowerCase().replaceAll("_", " ")}</span>`;
}

/** How long the run has taken, or takes; nothing before it has begun. */
export function duration({ startedAt, completedAt }: Run): string {
  if (startedAt === undefined) return "";
  return `${(((completedAt ?? Date.now()) - startedAt) / 1_000).toFixed(1)} s`;
}

function row(run: Run): Html {
  return html`<tr>
    <td><a href="/page/runs/${run.id}">#${run.number}</a></td>
    <td>${run.task}</td>
    <td>${statusLabel(run)}</td>
    <td class="faint">${new Date(run.createdAt).toLocaleTimeString("en-GB")}</td>
    <td>${duration(run)}</td>
    <td class="faint">${run.tags.join(", ")}</td>
  </tr>`;
}
