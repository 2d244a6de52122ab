// Run as a program: makes a sandbox of the given name, runs a command in it, prints its session's id,
// and leaves it to whoever it may concern. It has to end by itself.
import * as z from "zod";
import { sharedTransport } from "../host/shared-transport.ts";

const Created = z.object({ session: z.object({ id: z.string() }) });

async function fetchEngine(path: string, body: unknown): Promise<Response> {
  const response = await sharedTransport().fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return response;
}

const sandbox = { projectId: "p", ports: [3000], name: process.argv[2] };
const { session } = Created.parse(
  await (await fetchEngine("/vercel/v3/sandboxes", sandbox)).json(),
);
const command = { command: "true", args: [], env: {}, sudo: false, wait: true };
const response = await fetchEngine(`/vercel/v2/sandboxes/sessions/${session.id}/cmd`, command);
if (!(await response.text()).includes('"exitCode":0')) throw new Error("the command failed");
console.log(session.id);
