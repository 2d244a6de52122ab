import * as z from "zod";
import { LIMITS } from "./limits.ts";

/** A name that is safe as a path segment, a host label's part and a URL segment. */
export const Name = z
  .string()
  .min(1)
  .max(LIMITS.nameLength)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
    message:
      "a name starts with a letter or digit and holds only letters, digits, dots, dashes and underscores",
  });

/** A variable's, as the C library allows it. */
export const VariableName = z
  .string()
  .regex(/^[^=\0]+$/, { message: "a variable's name holds neither = nor NUL" });
