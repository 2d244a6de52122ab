import { TerminalInput } from "@/studio/contract/terminal.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { eventStream } from "@/studio/server/http/event-stream.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/sandboxes/[sandboxId]/terminals/[terminalId]">;

export const GET = route(async (request: Request, { params }: Context) => {
  const { sandboxId, terminalId } = await params;
  const { terminals } = await sharedStudio();
  const terminal = terminals.get(sandboxId, terminalId);
  return eventStream(async function* (signal) {
    for await (const data of terminal.events(signal)) yield { data };
  }, request);
});

export const POST = route(async (request: Request, { params }: Context) => {
  const { sandboxId, terminalId } = await params;
  const input = await readJson(request, TerminalInput);
  const { terminals } = await sharedStudio();
  terminals.get(sandboxId, terminalId).write(input);
  return new Response(null, { status: 204 });
});

export const DELETE = route(async (_request: Request, { params }: Context) => {
  const { sandboxId, terminalId } = await params;
  const { terminals } = await sharedStudio();
  terminals.close(sandboxId, terminalId);
  return new Response(null, { status: 204 });
});
