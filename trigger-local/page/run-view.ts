import { html } from "hono/html";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../store/run.ts";
import { type Html, layout } from "./layout.ts";
import { duration, statusLabel } from "./run-list-view.ts";

// A payload of megabytes makes a browser slow, and nobody reads it.
const SHOWN_CHARACTERS = 20_000;

/** The page of one run; its streams are below, and go on while it is open. */
export function runPage(engine: Engine, run: Run): Html {
  return layout(
    `${run.task} #${run.number}`,
    html`<p><a href="/">All runs</a></p>
      <div data-live="/page/runs/${run.id}/details" data-events="/page/events?run=${run.id}">
        ${runDetails(engine, run)}
      </div>
      <div data-streams></div>`,
  );
}

/** What there is to know of a run, as it is now. */
export function runDetails(engine: Engine, run: Run): Html {
  const children = engine.runs.children(run.id);
  return html`<h1>${run.task} <span class="faint">#${run.number}</span></h1>
    <p>${statusLabel(run)} ${duration(run)}</p>
    <p class="faint">
      <code>${run.id}</code>, attempt ${run.attempt}, queue
      ${run.queue}${run.tags.map((tag) => html`, ${tag}`)}
    </p>
    ${run.parentId !== undefined ? html`<p>Triggered by ${link(engine, run.parentId)}</p>` : ""}
    ${
      children.length > 0
        ? html`<p>
            Triggered
            ${children.map((child) => html`<a href="/page/runs/${child.id}">#${child.number}</a> `)}
          </p>`
        : ""
    }
    ${text("Payload", engine.runs.payload(run.id))} ${text("Output", engine.runs.output(run.id))}
    ${text("Error", run.error && JSON.stringify(run.error, undefined, 2))}
    ${text("Metadata", run.metadata)}
    ${run.streams.map(
      (name) =>
        html`<span
          hidden
          data-follow="/page/runs/${run.id}/streams/${encodeURIComponent(name)}"
          data-name="Stream ${name}"
        ></span>`,
    )}`;
}

function link(engine: Engine, id: string): Html {
  const run = engine.runs.find(id);
  return html`<a href="/page/runs/${id}">${run ? `${run.task} #${run.number}` : id}</a>`;
}

function text(title: string, content: string | undefined): Html | "" {
  if (content === undefined) return "";
  const shown = content.slice(0, SHOWN_CHARACTERS);
  const left = content.length - shown.length;
  return html`<h2>${title}</h2>
    <pre tabindex="0">${shown}${left > 0 ? `… and ${left} more characters` : ""}</pre>`;
}
