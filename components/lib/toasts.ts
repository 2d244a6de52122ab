import { create } from "zustand";
import { messageOf } from "./request.ts";

/** A short message at the edge of the page. */
interface Toast {
  id: number;
  tone: "info" | "error";
  title: string;
  detail?: string;
}

interface ToastState {
  toasts: readonly Toast[];
  show: (toast: Omit<Toast, "id">) => void;
  dismiss: (id: number) => void;
}

// More at once would hide the page.
const AT_ONCE = 3;

let nextId = 1;

/** The messages that are shown now. */
export const useToasts = create<ToastState>()((set) => ({
  toasts: [],
  show: (toast) =>
    set(({ toasts }) => ({ toasts: [...toasts, { ...toast, id: nextId++ }].slice(-AT_ONCE) })),
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

/** Tells that something worked. */
export function notify(title: string, detail?: string): void {
  useToasts.getState().show({ tone: "info", title, ...(detail ? { detail } : {}) });
}

/** Tells what did not work, and why. */
export function notifyFailure(title: string, error: unknown): void {
  useToasts.getState().show({ tone: "error", title, detail: messageOf(error) });
}
