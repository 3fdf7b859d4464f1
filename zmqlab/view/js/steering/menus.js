/** What is in the menus: of an actor, of the link of two actors. */

import { settingOf, signsOf } from "../model/settings.js";
import { count, route, shorten } from "../model/words.js";
import { actionsFor } from "./actions.js";
import { LatencySlider } from "./slider.js";

/** @import { Message } from "../model/message.js" */
/** @import { Controls } from "./controls.js" */
/** @import { Content, Entry } from "./menu.js" */

const LISTED = 6; // lanes whose first message has a button of its own

/** @param {Controls} controls @param {string} name @returns {() => Content} */
export function actorMenu(controls, name) {
  const { steer } = controls;
  return () => {
    const actor = steer.state.actors.get(name);
    if (!actor || !steer.able) return null;
    const entries = actionsFor(actor).map(({ action, name: text, means, whyNot }) => ({
      key: action === "resume" ? "hang" : action, // one takes the other's place
      text,
      means: whyNot || means,
      able: !whyNot,
      waits: steer.waits({ action, actor: name }),
      act: () => controls.do({ action, actor: name }),
    }));
    return { name, state: actor.state, entries };
  };
}

/** @param {Controls} controls @param {[string, string]} link @returns {() => Content} */
export function linkMenu(controls, link) {
  const { steer } = controls;
  const { state } = steer;
  const slider = new LatencySlider(`latency between ${link.join(" and ")}`, (seconds) =>
    controls.do({ action: "latency", link, seconds }),
  );
  return () => {
    if (!steer.able) return null;
    const setting = settingOf(state.settings, ...link);
    const lanes = steer.held.between(state, ...link);
    const held = lanes.reduce((sum, [, messages]) => sum + messages.length, 0);
    slider.show(setting.latency, steer.waits({ action: "latency", link }));
    const entry = (/** @type {string} */ key, /** @type {string} */ action, /** @type {string} */ means) => ({
      key,
      text: action[0].toUpperCase() + action.slice(1),
      means,
      waits: steer.waits({ action, link }),
      act: () => controls.do({ action, link }),
    });
    const words = [...signsOf(setting).map((sign) => sign.words), ...(held ? [`${count(held)} held`] : [])];
    return {
      name: link.join(" ↔ "),
      state: words.join(" · ") || "open",
      entries: [
        setting.hold
          ? entry("hold", "release", "let all messages of this link go on")
          : entry("hold", "hold", "from now on messages wait here"),
        ...(setting.hold ? [entry("step", "step", "let the one go that has waited longest")] : []),
        setting.cut
          ? entry("cut", "heal", "everything goes on where it stood")
          : entry("cut", "cut", "nothing passes, in neither direction; nothing is discarded"),
        entry("reset", "reset", "the connections break; what is under way is lost, and the sockets connect again"),
        { key: "latency", element: slider.element },
        ...lanes.slice(0, LISTED).map((lane) => firstOf(controls, lane)),
      ],
    };
  };
}

/** The only message of a lane that may go. @param {Controls} controls @param {[string, Message[]]} lane @returns {Entry} */
function firstOf(controls, [lane, messages]) {
  const [first] = messages;
  const whyNot = controls.steer.held.whyNot(first);
  const more = messages.length > 1 ? `; ${count(messages.length - 1)} more behind it` : "";
  return {
    key: lane,
    text: `Let #${first.id} go`,
    means: whyNot || `${route(first)}  ${shorten(first.label, 24)}${more}`,
    able: !whyNot,
    waits: controls.steer.waits({ action: "step", message: first.id }),
    act: () => controls.letGo(first.id),
  };
}
