import * as z from "zod";

// What of the engine's answers tells where something is. Read loosely: they hold more.

export const Routes = z.object({
  routes: z.array(z.object({ url: z.string(), subdomain: z.string() })),
});

export const Interactive = z.object({ url: z.string() });
