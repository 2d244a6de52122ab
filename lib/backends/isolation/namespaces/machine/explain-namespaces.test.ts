import { describe, expect, test } from "vitest";
import { explainNamespaces, type KernelSettings } from "./explain-namespaces.ts";

const NOTHING_SPECIAL: KernelSettings = {
  noNamespaces: [],
  usersForbidden: false,
  restrictedByProfile: false,
  filtered: false,
};

describe("explainNamespaces names what stands in the way, and the command that takes it away", () => {
  test.each([
    {
      what: "a limit of 0",
      complaint: "unshare: unshare failed: No space left on device",
      settings: { noNamespaces: ["user.max_net_namespaces"] },
      reason: "This machine allows no namespaces (user.max_net_namespaces is 0).",
      advice: /^echo 'user.max_net_namespaces = \d+' \| sudo tee \S+ && sudo sysctl --system$/,
    },
    {
      what: "a limit that is reached",
      complaint: "unshare: unshare failed: No space left on device",
      settings: {},
      reason:
        "This machine allows no more namespaces (unshare: unshare failed: No space left on device).",
      advice: /^echo 'user.max_user_namespaces = \d+' /,
    },
    {
      what: "Debian's switch",
      complaint: "unshare: unshare failed: Operation not permitted",
      settings: { usersForbidden: true, filtered: true },
      reason:
        "This machine forbids ordinary users namespaces (kernel.unprivileged_userns_clone is 0).",
      advice: /^echo 'kernel.unprivileged_userns_clone = 1' /,
    },
    {
      what: "Ubuntu's profile, when the map is refused",
      complaint: "EPERM: operation not permitted, write",
      settings: { restrictedByProfile: true },
      reason:
        "AppArmor leaves ordinary users' namespaces without power (kernel.apparmor_restrict_unprivileged_userns is 1, as on Ubuntu since 23.10).",
      advice: /^echo 'kernel.apparmor_restrict_unprivileged_userns = 0' /,
    },
    {
      what: "Ubuntu's profile, when what is inside is refused",
      complaint: "unshare: unshare failed: Permission denied",
      settings: { restrictedByProfile: true },
      reason:
        "AppArmor leaves ordinary users' namespaces without power (kernel.apparmor_restrict_unprivileged_userns is 1, as on Ubuntu since 23.10).",
      advice: /^echo 'kernel.apparmor_restrict_unprivileged_userns = 0' /,
    },
    {
      what: "a container's filter",
      complaint: "unshare: unshare failed: Operation not permitted",
      settings: { filtered: true },
      reason: "A filter of system calls, such as a container's, forbids namespaces.",
      advice: /^docker run --security-opt seccomp=unconfined /,
    },
    {
      what: "a refusal that nobody accounts for",
      complaint: "unshare: unshare failed: Operation not permitted\nmore",
      settings: {},
      reason:
        "This machine refuses namespaces to this user (unshare: unshare failed: Operation not permitted).",
      advice: /^sudo sandlot doctor /,
    },
    {
      what: "something else",
      complaint: "",
      settings: { filtered: true },
      reason: "Namespaces could not be made: nobody said why.",
      advice: /^unshare --user /,
    },
  ])("$what", ({ complaint, settings, reason, advice }) => {
    const explained = explainNamespaces(complaint, { ...NOTHING_SPECIAL, ...settings });
    expect(explained).toEqual({ reason, advice: expect.stringMatching(advice) });
  });
});
