/** What can be done to an actor, and why something cannot. No DOM. */

/** @import { Actor } from "../model/message.js" */
/** @typedef {{action: string, name: string, means: string, whyNot: string}} Action  whyNot: "" when it can be done */

const ALIVE = ["started", "hung"];

/** @param {Actor} actor @returns {Action[]} none for the notebook's own context: no function runs there */
export function actionsFor({ kind, state }) {
  if (kind === "cell") return [];
  const process = kind === "process";
  const alive = ALIVE.includes(state);
  const whyNot = alive ? "" : `it does not run: ${state}`;
  const still = process
    ? "SIGSTOP: nothing of it moves any more"
    : "the program stands still; its connections stay alive";
  const breaks = process ? "SIGKILL: its connections break" : "as if it had been killed: its connections break";
  const again = alive ? "stop it, and run it from the start" : "run it once more";
  return [
    { action: "crash", name: "Crash", means: breaks, whyNot },
    state === "hung"
      ? { action: "resume", name: "Resume", means: "it goes on where it stood still", whyNot }
      : { action: "hang", name: "Hang", means: still, whyNot },
    { action: "restart", name: "Restart", means: again, whyNot: "" },
  ];
}
