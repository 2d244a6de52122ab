import * as z from "zod";
import { LIMITS } from "./limits.ts";
import { VariableName } from "./name.ts";

/** What a secret is called: it stands between the braces of `${secret:NAME}`. */
const SecretName = z
  .string()
  .min(1)
  .max(LIMITS.secretNameLength)
  .regex(/^[^{}\p{Cc}]+$/u, {
    message: "a secret's name holds no braces and no control characters",
  });

/** Goes into header lines as it is. */
const SecretValue = z
  .string()
  .min(1)
  .max(LIMITS.secretValueLength)
  .regex(/^[^\p{Cc}]+$/u, {
    message:
      "a secret's value holds no line break and no other control character: it is sent in header lines",
  });

/** A host's name, `*.` before one for all below it, or `*` for every host. */
const SecretHost = z
  .string()
  .max(253)
  .regex(/^(?:\*|(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)$/, {
    message: "a host is a name such as api.example.com or *.example.com, without a scheme or port",
  });

const fields = {
  description: z.string().max(LIMITS.secretDescriptionLength),
  metadata: z.record(z.string().min(1), z.string()).refine(isShort, {
    message: `a secret's metadata holds at most ${LIMITS.secretMetadataCharacters} characters`,
  }),
  hosts: z.array(SecretHost).max(LIMITS.secretHosts),
};

/** A value that sandboxes use and never see. */
export const CreateSecretRequest = z.strictObject({
  name: SecretName,
  value: SecretValue,
  metadata: fields.metadata.default({}),
  description: fields.description.optional(),
  /** Where the value may go. Absent or empty: to no host in place of a variable's placeholder. */
  hosts: fields.hosts.optional(),
});
export type CreateSecretRequest = z.output<typeof CreateSecretRequest>;
export type CreateSecretRequestInput = z.input<typeof CreateSecretRequest>;

/** What is given replaces what was there. */
export const UpdateSecretRequest = z.strictObject({
  value: SecretValue.optional(),
  metadata: fields.metadata.optional(),
  description: fields.description.optional(),
  hosts: fields.hosts.optional(),
});
export type UpdateSecretRequest = z.output<typeof UpdateSecretRequest>;

/** A secret as everybody sees it: all but its value. Times are milliseconds since the epoch. */
export const Secret = z.object({
  id: z.string(),
  name: SecretName,
  /** Counts the values that it has had, from 1. */
  version: z.int(),
  metadata: z.record(z.string(), z.string()),
  description: z.string().optional(),
  hosts: z.array(z.string()).optional(),
  /** What stands in a sandbox's variable in place of the value. */
  placeholder: z.string(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Secret = z.output<typeof Secret>;

/** A secret as it is kept, and nowhere else than in its own table. */
export const StoredSecret = Secret.extend({ value: z.string() });
export type StoredSecret = z.output<typeof StoredSecret>;

/** By which variable a sandbox gets at which secret: the variable holds the secret's placeholder. */
export const SecretVariables = z
  .record(VariableName, SecretName)
  .refine((variables) => Object.keys(variables).length <= LIMITS.secretsPerSandbox, {
    message: `at most ${LIMITS.secretsPerSandbox} variables of secrets`,
  });
export type SecretVariables = z.output<typeof SecretVariables>;

function isShort(metadata: Record<string, string>): boolean {
  return JSON.stringify(metadata).length <= LIMITS.secretMetadataCharacters;
}
