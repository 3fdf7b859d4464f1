/** Why a socket has no connection. No DOM. */

/** @import { Connection } from "./message.js" */
/** @import { State } from "./state.js" */

/** @type {WeakMap<State, {structure: number, told: Map<string, Connection[]>}>} by socket that connects: what the relay saw */
const known = new WeakMap();

/** What the relay was told at the last attempt of a socket by then; "" where it has a connection, or has not tried. @param {State} state @param {string} socket @param {number} at ms */
export function refusalAt(state, socket, at) {
  const told = attempts(state).get(socket) ?? [];
  const past = told.filter((connection) => connection.opened <= at);
  const last = past.at(-1);
  if (!last || past.some(({ closed }) => closed === null || closed > at)) return "";
  return last.opened === last.closed ? last.reason : "";
}

/** @param {State} state */
function attempts(state) {
  const before = known.get(state);
  if (before?.structure === state.structure) return before.told;
  /** @type {Map<string, Connection[]>} */
  const told = new Map();
  for (const connection of state.connections.values()) {
    const list = told.get(connection.client);
    if (list) list.push(connection);
    else told.set(connection.client, [connection]);
  }
  for (const list of told.values()) list.sort((one, other) => one.opened - other.opened);
  known.set(state, { structure: state.structure, told });
  return told;
}
