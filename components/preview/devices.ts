/** How wide the preview is. */
export const DEVICES = {
  full: { label: "Full width", width: undefined },
  tablet: { label: "Tablet, 820 pixels", width: 820 },
  phone: { label: "Phone, 390 pixels", width: 390 },
} as const satisfies Record<string, { label: string; width: number | undefined }>;

export type Device = keyof typeof DEVICES;
