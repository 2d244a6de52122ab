#!/usr/bin/env node
// Not the built file itself: npm links a command only if its file is there when it
// installs, and in a fresh clone nothing is built yet.
import "../dist/cli/main.js";
