/** The few ways in which the command line sets text apart. */
export type TextStyle = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
