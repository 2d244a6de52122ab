import { useRef, useState } from "react";
import { useProject } from "../project/project-store.ts";
import { PreviewBar } from "./preview-bar.tsx";
import { PreviewFrame } from "./preview-frame.tsx";
import { PreviewProblems } from "./preview-problems.tsx";
import { PreviewWaiting } from "./preview-waiting.tsx";
import { DEVICES, type Device } from "./devices.ts";
import { addressIn, pathOf } from "./preview-address.ts";
import { usePreviewMessages } from "./use-preview-messages.ts";

/** The app, as it runs: where it is, whether it is up, what went wrong in it. */
export function PreviewPanel() {
  const preview = useProject((state) => state.preview);
  const projectId = useProject((state) => state.project.id);
  const [device, setDevice] = useState<Device>("full");
  const [load, setLoad] = useState({ path: "/", count: 0 });
  const [shownPath, setShownPath] = useState("/");
  const frame = useRef<HTMLIFrameElement>(null);
  const { url, phase, revision } = preview;
  const up = phase === "up" && url !== undefined;

  const { problems, clear } = usePreviewMessages({
    projectId,
    frame,
    url,
    onPath: setShownPath,
  });

  // Other files lie below the same server now: what the frame shows is old.
  const [shownRevision, setShownRevision] = useState(revision);
  if (revision !== shownRevision) {
    setShownRevision(revision);
    if (shownRevision !== undefined) go(shownPath);
  }

  function go(path: string): void {
    clear();
    setShownPath(path);
    setLoad(({ count }) => ({ path, count: count + 1 }));
  }

  return (
    <section aria-label="Preview" className="flex h-full min-h-0 flex-col">
      <PreviewBar
        preview={preview}
        path={shownPath}
        device={device}
        onDeviceChange={setDevice}
        onGo={(typed) => go(url === undefined ? "/" : pathOf(typed, url))}
        onReload={() => go(shownPath)}
      />
      <div className="relative min-h-0 flex-1 bg-muted">
        {up ? (
          <PreviewFrame
            ref={frame}
            src={addressIn(url, load.path)}
            load={load.count}
            width={DEVICES[device].width}
          />
        ) : (
          <PreviewWaiting preview={preview} />
        )}
      </div>
      <PreviewProblems problems={problems} onClear={clear} />
    </section>
  );
}
