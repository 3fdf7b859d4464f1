// Bundles js/, and the course's own, into static/ and labextension/ (node build.js), or says whether they are what the
// sources give (node build.js --check).
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const checking = process.argv.includes("--check");

/** @type {import("esbuild").BuildOptions[]} */
const bundles = [
  { entryPoints: ["js/flow.js"], outdir: "static", format: "esm" },
  {
    entryPoints: ["predict", "recall", "findings"].map((name) => `../course/js/${name}.js`),
    outdir: "../course/static",
    format: "esm",
  },
  { entryPoints: { beside: "js/beside/extension.js" }, outdir: "labextension", format: "iife" },
];

for (const bundle of bundles) {
  const result = await build({
    ...bundle,
    absWorkingDir: here,
    bundle: true,
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    write: !checking,
  });
  for (const file of checking ? (result.outputFiles ?? []) : []) {
    const saved = await readFile(file.path, "utf8").catch(() => "");
    if (saved !== file.text) {
      console.error(`${file.path} is not what its sources give: run "npm ci && npm run build" in zmqlab/view`);
      process.exitCode = 1;
    }
  }
}
