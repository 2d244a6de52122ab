import type { ReactNode } from "react";
import { ExternalLink, ScrollText } from "lucide-react";
import { formatBytes } from "../lib/format.ts";
import { AnsiText } from "../logs/ansi-text.tsx";
import { useProject } from "../project/project-store.ts";
import { Button } from "../ui/button.tsx";
import type { ToolPart } from "./tool-part.ts";

/** Whether there is more to see of a call than its line. */
export function hasResult(part: ToolPart): boolean {
  if (part.state === "output-error") return true;
  if (part.type === "tool-editFile") return part.input?.search !== undefined;
  return part.state === "output-available" && part.type !== "tool-generateFiles";
}

/** What came of a tool call. */
export function ToolResult({ part }: { part: ToolPart }) {
  if (part.state === "output-error") {
    return (
      <Box>
        <p className="text-xs whitespace-pre-wrap text-destructive">{part.errorText}</p>
      </Box>
    );
  }
  if (part.type === "tool-editFile") return <EditResult part={part} />;
  if (part.state !== "output-available") return null;
  switch (part.type) {
    case "tool-runCommand":
    case "tool-getCommandLogs":
      return <CommandResult output={part.output} />;
    case "tool-readFile":
      return <Output text={part.output.content} />;
    case "tool-listFiles": {
      const lines = part.output.entries.map(({ path, type, sizeBytes }) =>
        type === "directory"
          ? `${path}/`
          : sizeBytes === undefined
            ? path
            : `${path}  ${formatBytes(sizeBytes)}`,
      );
      return <Output text={lines.join("\n") || "The folder is empty."} />;
    }
    case "tool-createSandbox":
      return (
        <Box>
          <p className="text-xs text-muted-foreground">
            <code className="text-foreground">{part.output.sandboxId}</code>, with the ports{" "}
            {part.output.ports.map(({ port }) => port).join(", ")}
          </p>
        </Box>
      );
    case "tool-getSandboxUrl":
      return <UrlResult url={part.output.url} />;
    case "tool-stop":
      return (
        <Box>
          <p className="text-xs text-muted-foreground">
            {part.output.stopped === "command"
              ? "The command has ended."
              : "The sandbox has stopped; its files are kept."}
          </p>
        </Box>
      );
    case "tool-generateFiles":
      return null;
  }
}

type CommandOutput = Extract<
  ToolPart,
  { type: "tool-runCommand"; state: "output-available" }
>["output"];

function CommandResult({ output }: { output: CommandOutput }) {
  const openCommand = useProject((state) => state.openCommand);
  const { commandId, stdout, stderr, omittedCharacters } = output;
  const text = [stdout, stderr].filter((piece) => piece.trim() !== "").join("\n");
  return (
    <Box>
      {text ? (
        <AnsiText
          text={text}
          className="max-h-60 overflow-auto text-xs break-words whitespace-pre-wrap"
        />
      ) : (
        <p className="text-xs text-muted-foreground">No output.</p>
      )}
      <div className="mt-2 flex items-center gap-2">
        <Button onClick={() => openCommand(commandId)}>
          <ScrollText />
          Open in logs
        </Button>
        {omittedCharacters > 0 && (
          <span className="text-xs text-muted-foreground">
            The model saw the beginning and the end; the logs have all of it.
          </span>
        )}
      </div>
    </Box>
  );
}

function UrlResult({ url }: { url: string }) {
  const show = useProject((state) => state.show);
  return (
    <Box>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 truncate text-xs">{url}</code>
        <Button onClick={() => show("preview")}>Show the preview</Button>
        <Button asChild>
          <a href={url} target="_blank" rel="noreferrer">
            <ExternalLink />
            Open
          </a>
        </Button>
      </div>
    </Box>
  );
}

function EditResult({ part }: { part: Extract<ToolPart, { type: "tool-editFile" }> }) {
  const openFile = useProject((state) => state.openFile);
  const { search = "", replace = "", path } = part.input ?? {};
  return (
    <Box>
      <pre className="max-h-60 overflow-auto text-xs">
        {search !== "" && <Lines sign="−" text={search} className="bg-destructive-soft" />}
        {replace !== "" && <Lines sign="+" text={replace} className="bg-success-soft" />}
      </pre>
      {path && (
        <Button className="mt-2" onClick={() => openFile(path)}>
          Open the file
        </Button>
      )}
    </Box>
  );
}

function Lines({ sign, text, className }: { sign: string; text: string; className: string }) {
  return (
    <code className={`block w-max min-w-full rounded-sm px-1 ${className}`}>
      {text.split("\n").map((line, index) => (
        <span key={index} className="block">
          <span aria-hidden className="inline-block w-4 text-muted-foreground select-none">
            {sign}
          </span>
          {line}
        </span>
      ))}
    </code>
  );
}

function Output({ text }: { text: string }) {
  return (
    <Box>
      <pre className="max-h-60 overflow-auto text-xs">{text}</pre>
    </Box>
  );
}

function Box({ children }: { children: ReactNode }) {
  return <div className="border-t bg-code px-2.5 py-2">{children}</div>;
}
