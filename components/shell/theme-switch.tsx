"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { Segmented } from "../ui/segmented.tsx";
import { useTheme } from "./theme-provider.tsx";

/** Light, dark, or as the system has it. */
export function ThemeSwitch() {
  const { theme, setTheme } = useTheme();
  return (
    <Segmented
      label="Theme"
      value={theme}
      onValueChange={setTheme}
      iconsOnly
      segments={[
        { value: "system", label: "As the system", icon: <Monitor /> },
        { value: "light", label: "Light", icon: <Sun /> },
        { value: "dark", label: "Dark", icon: <Moon /> },
      ]}
    />
  );
}
