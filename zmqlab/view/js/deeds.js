// @ts-check
/** What can be done to an actor, and why something cannot. No DOM. */

/** @typedef {import("./state.js").Actor} Actor */
/** @typedef {{action: string, name: string, means: string, whyNot: string}} Deed  whyNot: "" when it can be done */

const ALIVE = ["started", "hung"];

/** @param {Actor} actor @returns {Deed[]} none for the notebook's own context: no function runs there */
export function deedsFor({ kind, state }) {
  if (kind === "cell") return [];
  const process = kind === "process";
  const alive = ALIVE.includes(state);
  const whyNot = alive ? "" : `it does not run: ${state}`;
  const hang =
    state === "hung"
      ? { action: "resume", name: "Resume", means: "it goes on where it stood still", whyNot }
      : {
          action: "hang",
          name: "Hang",
          means: process
            ? "SIGSTOP: nothing of it moves any more"
            : "the program stands still; its connections stay alive",
          whyNot,
        };
  return [
    {
      action: "crash",
      name: "Crash",
      means: process ? "SIGKILL: its connections break" : "as if it had been killed: its connections break",
      whyNot,
    },
    hang,
    {
      action: "restart",
      name: "Restart",
      means: alive ? "stop it, and run it from the start" : "run it once more",
      whyNot: "",
    },
  ];
}
