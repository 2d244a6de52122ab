// Run as a program: makes one call to the engine that the environment names, and prints its process's id.
// It has to end by itself.
import * as z from "zod";
import { sharedTransport } from "../host/shared-transport.ts";

const response = await sharedTransport().fetch("/sandlot/version");
console.log(z.object({ pid: z.int() }).parse(await response.json()).pid);
