// Follows a command's log until somebody ends this process.
import { Sandbox } from "sandlot";

const [name = "", commandId = ""] = process.argv.slice(2);

const sandbox = await Sandbox.get({ name });
const command = await sandbox.getCommand(commandId);
for await (const { data } of command.logs()) process.stdout.write(data);
console.log("the log ended");
