import { useMemo, useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { Download, FileDiff, FileText, FolderOpen } from "lucide-react";
import { useProjectDownload } from "../lib/use-project-download.ts";
import { useProject } from "../project/project-store.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Failure } from "../ui/failure.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { StoppedSandbox, useSandboxRuns } from "../project/stopped-sandbox.tsx";
import { StoppedBanner } from "./stopped-banner.tsx";
import { FileTree } from "./file-tree.tsx";
import { FileView } from "./file-view.tsx";
import { useChangedPaths } from "./use-changed-paths.ts";
import { useFolders } from "./use-folders.ts";
import { useTree } from "./use-tree.ts";

/** The sandbox's files: its tree, and the one that is open. */
export function FilesPanel() {
  const sandboxId = useProject((state) => state.project.sandboxId);
  return (
    <section aria-label="Files" className="flex h-full min-h-0 flex-col bg-card">
      {sandboxId === undefined ? (
        <EmptyState icon={<FolderOpen />} title="No files yet">
          They appear as soon as the agent has made the project’s sandbox.
        </EmptyState>
      ) : (
        <Files key={sandboxId} sandboxId={sandboxId} />
      )}
    </section>
  );
}

function Files({ sandboxId }: { sandboxId: string }) {
  const project = useProject((state) => state.project);
  const revision = useProject((state) => state.filesRevision);
  const newest = useProject((state) => state.checkpoints[0]);
  const openPath = useProject((state) => state.ui.openPath);
  const openFile = useProject((state) => state.openFile);
  const openDiff = useProject((state) => state.openDiff);
  const closeFile = useProject((state) => state.closeFile);
  const runs = useSandboxRuns();
  const { download, packing } = useProjectDownload(project);
  const changed = useChangedPaths(project.id, newest?.id);
  const { unread, openIn, toggle } = useFolders(openPath);
  const { tree, truncated, error, refetch } = useTree({
    sandboxId,
    revision,
    opened: unread,
    runs,
  });
  const open = useMemo(() => openIn(tree ?? []), [openIn, tree]);
  const [dirty, setDirty] = useState(false);
  // Where the user wants to go from a file that is not saved: another file, or none.
  const [wanted, setWanted] = useState<{ path: string | undefined }>();

  const go = (path: string | undefined) => (path === undefined ? closeFile() : openFile(path));
  const leaveFor = (path: string | undefined) => {
    if (dirty && path !== openPath) setWanted({ path });
    else go(path);
  };

  if (!tree && !error && !runs) {
    return <StoppedSandbox what="Its files are kept. Start it to see and change them." />;
  }
  return (
    <>
      {!runs && <StoppedBanner />}
      <Group
        orientation="horizontal"
        id="files"
        data-open={openPath !== undefined}
        className="files min-h-0 flex-1"
      >
        <Panel id="tree" defaultSize="30%" minSize={130} className="flex min-h-0 flex-col">
          <div className="flex h-8 shrink-0 items-center gap-1 border-b px-1">
            <Button
              variant="ghost"
              className="h-6 min-w-0 px-1.5"
              disabled={!newest}
              onClick={() => newest && openDiff(newest.id)}
            >
              <FileDiff />
              <span className="truncate">Changes</span>
            </Button>
            <Button
              variant="ghost"
              aria-label="Download as zip"
              className="ml-auto h-6 px-1.5"
              disabled={packing}
              onClick={download}
            >
              {packing ? <Spinner /> : <Download />}
              zip
            </Button>
          </div>
          {error && (
            <Failure
              className="m-1 shrink-0"
              title="The files could not be listed"
              error={error}
              onRetry={refetch}
            />
          )}
          {!tree && !error && <Spinner className="m-2 text-muted-foreground" />}
          {tree?.length === 0 && (
            <p className="p-2 text-xs text-muted-foreground">The project’s folder is empty.</p>
          )}
          {tree && (
            <FileTree
              tree={tree}
              open={open}
              selected={openPath}
              changed={changed}
              onToggle={toggle}
              onOpen={leaveFor}
            />
          )}
          {truncated && (
            <p className="border-t px-2 py-1 text-xs text-muted-foreground">
              There are more files than are listed here. The terminal shows them all.
            </p>
          )}
        </Panel>
        <Separator
          aria-label="Width of the tree"
          className="w-px bg-border transition-colors data-[separator=active]:bg-primary data-[separator=hover]:bg-primary max-md:hidden!"
        />
        <Panel id="file" minSize={160}>
          {openPath === undefined ? (
            <EmptyState icon={<FileText />} title="No file is open">
              Choose one on the left. What you change and save is in the sandbox at once.
            </EmptyState>
          ) : (
            <FileView
              key={openPath}
              sandboxId={sandboxId}
              path={openPath}
              revision={revision}
              runs={runs}
              onDirtyChange={setDirty}
              onBack={() => leaveFor(undefined)}
            />
          )}
        </Panel>
      </Group>
      <ConfirmDialog
        open={wanted !== undefined}
        onOpenChange={() => setWanted(undefined)}
        title="Leave without saving?"
        description={`What you changed in ${openPath ?? "the file"} is not saved.`}
        action="Leave it"
        onConfirm={() => {
          setDirty(false);
          setWanted(undefined);
          if (wanted) go(wanted.path);
        }}
      />
    </>
  );
}
