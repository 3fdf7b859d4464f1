// Bundles js/ into static/ (node build.js), or says whether static/ is what js/ gives (node build.js --check).
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const checking = process.argv.includes("--check");

const result = await build({
  absWorkingDir: here,
  entryPoints: ["js/flow.js"],
  outdir: "static",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  write: !checking,
});

if (checking) {
  for (const file of result.outputFiles ?? []) {
    const saved = await readFile(file.path, "utf8").catch(() => "");
    if (saved !== file.text) {
      console.error(`${file.path} is not what js/ gives: run "npm ci && npm run build" in zmqlab/view`);
      process.exitCode = 1;
    }
  }
}
