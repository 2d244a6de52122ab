import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/sdk/types.js";
import type * as z from "zod";
import { explainToAgent } from "./explain-to-agent.ts";

interface ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> {
  name: string;
  title: string;
  /** For the model: what it does, what it gives, when to use another tool. */
  description: string;
  input: Input;
  output: Output;
  annotations: ToolAnnotations;
  /** `signal` is aborted when the client does not wait any longer; whatever was waited for ends then. */
  run(input: z.output<Input>, options: { signal: AbortSignal }): Promise<z.output<Output>>;
  /** The result for a model to read; without it, the result as JSON. */
  text?(result: z.output<Output>): string;
}

/** A tool with its types left behind, so that tools of different inputs fit one list. */
export interface Tool {
  name: string;
  register(server: McpServer): void;
}

/** One tool: schemas and a function. What the function throws becomes the tool's error, in words for an agent. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  spec: ToolSpec<Input, Output>,
): Tool {
  const { name, title, description, input, output, annotations, run } = spec;
  const call = async (given: z.output<Input>, signal: AbortSignal): Promise<CallToolResult> => {
    try {
      const result = await run(given, { signal });
      const text = spec.text ? spec.text(result) : JSON.stringify(result, undefined, 2);
      return { content: [{ type: "text", text }], structuredContent: result };
    } catch (error) {
      if (signal.aborted) throw error;
      return { isError: true, content: [{ type: "text", text: explainToAgent(error) }] };
    }
  };
  return {
    name,
    register(server) {
      // Of any tool: the SDK's types would follow each schema into its own.
      const inputSchema: z.ZodObject = input;
      const outputSchema: z.ZodObject = output;
      server.registerTool(
        name,
        { title, description, inputSchema, outputSchema, annotations },
        // The SDK has parsed the arguments by this very schema.
        (given, { signal }) => call(given as z.output<Input>, signal),
      );
    },
  };
}
