import { useCallback, useEffect, useRef, useState } from "react";
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
  const restores = useProject((state) => state.checkpoints.find(({ current }) => current)?.id);
  const [device, setDevice] = useState<Device>("full");
  // What the frame loads: a new object loads it again, even at the same address.
  const [load, setLoad] = useState({ path: "/" });
  const [shownPath, setShownPath] = useState("/");
  const frame = useRef<HTMLIFrameElement>(null);
  const { url, phase } = preview;
  const up = phase === "up" && url !== undefined;

  const reload = useCallback(() => setLoad({ path: shownPath }), [shownPath]);
  const { problems, clear } = usePreviewMessages({
    projectId,
    frame,
    url,
    onPath: setShownPath,
  });

  // Another server, or other files below the same one: what the frame shows is old.
  const [lastCurrent, setLastCurrent] = useState(restores);
  useEffect(() => {
    if (restores === lastCurrent) return;
    setLastCurrent(restores);
    if (lastCurrent !== undefined) setLoad(({ path }) => ({ path }));
  }, [restores, lastCurrent]);

  function go(path: string): void {
    clear();
    setShownPath(path);
    setLoad({ path });
  }

  return (
    <section aria-label="Preview" className="flex h-full min-h-0 flex-col">
      <PreviewBar
        preview={preview}
        path={shownPath}
        device={device}
        onDeviceChange={setDevice}
        onGo={(typed) => go(url === undefined ? "/" : pathOf(typed, url))}
        onReload={() => {
          clear();
          reload();
        }}
      />
      <div className="relative min-h-0 flex-1 bg-muted">
        {up ? (
          <PreviewFrame
            ref={frame}
            load={load}
            src={addressIn(url, load.path)}
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
