// The layers of the view's source, as data, and what breaks them.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";

/** What each folder may import beside itself. What stands above the folders puts their parts together. */
const LAYERS = {
  model: [],
  relations: ["model"],
  dom: [],
  diagram: ["model", "dom"],
  steering: ["model", "dom"],
  stage: ["model", "dom", "steering"],
  panels: ["model", "relations", "dom", "steering"],
  beside: [], // a bundle of its own, which JupyterLab loads
};

/** Folders that work without a page; outside them, a module says so in its heading. */
const WITHOUT_PAGE = ["model", "relations"];
const PROMISE = "No DOM.";

/** What is there in a browser alone, as a value or as a type. */
const PAGE = new RegExp(
  String.raw`(?<![.\w$-])(document|window|navigator|location|localStorage|matchMedia|getComputedStyle|customElements|` +
    String.raw`(request|cancel)(AnimationFrame|IdleCallback)|\w*Observer|(HTML|SVG)\w*Element|Element|Node|\w*Event|` +
    String.raw`CanvasRenderingContext2D|CSS\w*|DOM\w+)(?![\w$:-])`,
  "g",
);

/** @param {URL} root @returns {Map<string, string>} "model/state.js" -> its text */
export function sourcesIn(root) {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  return new Map(files.sort().map((name) => [name.split(sep).join("/"), readFileSync(new URL(name, root), "utf8")]));
}

/** The modules that one imports, for its code or for its types alone. @param {string} name @param {string} text */
function importsOf(name, text) {
  const found = text.matchAll(/(?:\bfrom|^import|\bimport\()\s*"(\.[^"]*\.js)"/gm);
  return new Set(
    [...found].map(([, path]) =>
      normalize(join(dirname(name), path))
        .split(sep)
        .join("/"),
    ),
  );
}

/** The code without words for people, and the types in its comments. @param {string} text */
function codeAndTypes(text) {
  const types = [...text.matchAll(/@(?:param|returns|type|typedef|property|template)\s*(\{.*?\})\s*[^\s}|]/gs)];
  const code = text
    .replace(/\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, " ")
    .replace(/`[^`]*`/g, (words) => [...words.matchAll(/\$\{([^}]*)\}/g)].map(([, inside]) => inside).join(" "));
  return [code, ...types.map(([, type]) => type)].join("\n");
}

/** @param {string} name */
const folderOf = (name) => (name.includes("/") ? dirname(name) : "");

/** @param {string} name @param {string} text */
const isWithoutPage = (name, text) =>
  WITHOUT_PAGE.includes(folderOf(name)) || text.slice(0, text.indexOf("*/")).includes(PROMISE);

/** What in the sources breaks the layers, in words. @param {Map<string, string>} sources @returns {string[]} */
export function violations(sources) {
  const found = [];
  for (const [name, text] of sources) {
    const folder = folderOf(name);
    const may = folder ? LAYERS[folder] : Object.keys(LAYERS);
    if (!may) found.push(`${name}: ${folder} is no layer; name it in tests/js/layers.mjs`);
    const apart = isWithoutPage(name, text);
    for (const other of may ? importsOf(name, text) : []) {
      if (folderOf(other) !== folder && !may.includes(folderOf(other))) found.push(`${name} may not import ${other}`);
      else if (apart && !isWithoutPage(other, sources.get(other) ?? ""))
        found.push(`${name}, without a page, imports ${other}`);
    }
    if (!apart) continue;
    const used = [...codeAndTypes(text).matchAll(PAGE)].map(([word]) => word);
    found.push(...[...new Set(used)].map((word) => `${name}, without a page, uses ${word}`));
  }
  return found;
}

/** Modules that need each other, the ones with types alone too: each circle once. @param {Map<string, string>} sources @returns {string[]} */
export function circles(sources) {
  const found = [];
  const done = new Set();
  const follow = (/** @type {string} */ name, /** @type {string[]} */ path) => {
    if (path.includes(name)) found.push([...path.slice(path.indexOf(name)), name].join(" → "));
    if (done.has(name) || path.includes(name)) return;
    for (const other of importsOf(name, sources.get(name) ?? "")) follow(other, [...path, name]);
    done.add(name);
  };
  for (const name of sources.keys()) follow(name, []);
  return found;
}
