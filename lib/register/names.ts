// `node --import …/register/names.js app.js`: what programs need that reach sandboxes' ports by names, and nothing more.
import { installLocalNames } from "./local-names.ts";

installLocalNames();
