import assert from "node:assert/strict";
import { test } from "node:test";
import { fragmentOf } from "../../../zmqlab/course/js/lessons.js";
import { Panels } from "../../../zmqlab/view/js/beside/panels.js";

test("a heading has the name that Jupyter gives it", () => {
  assert.equal(fragmentOf("Give up, and ask again"), "#Give-up,-and-ask-again");
  assert.equal(fragmentOf("`send` is *not* delivery"), "#send-is-not-delivery");
});

test("a file is opened in the folder of the notebook in which the link stands, and of no other", () => {
  const link = {};
  const notebook = (path, ...inside) => ({ context: { path }, node: { contains: (one) => inside.includes(one) } });
  const opened = [];
  const shell = {
    widgets: () => [{ node: { contains: () => false } }, notebook("other/01.ipynb"), notebook(path, link)],
  };
  const app = { shell, commands: { execute: (command, args) => opened.push([command, args.path, args.id]) } };
  let path = "course/lessons/05.ipynb";
  new Panels(app, class {}).openFile(link, "03.ipynb", "#Envelopes");
  path = "05.ipynb";
  new Panels(app, class {}).openFile(link, "03.ipynb", "#Envelopes");
  const command = "rendermime:handle-local-link";
  assert.deepEqual(opened, [
    [command, "course/lessons/03.ipynb", "#Envelopes"],
    [command, "03.ipynb", "#Envelopes"],
  ]);
});
