/** How a message begins that hands an error of the app to the agent; what went wrong follows. */
export const FIX_REQUEST = "Please fix this:";
