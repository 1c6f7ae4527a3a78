// Runs tests/pyodide/trial.py in Pyodide: node trial.mjs FOLDER RESULT [PART ...]. FOLDER is what `make pyodide` made.
import { createRequire } from "node:module";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

globalThis.fetch = () => { throw new Error("all must be there before it runs: no network"); };

async function main(folder, result, ...parts) {
  const from = createRequire(resolve(folder, "package.json"));
  const { loadPyodide } = await import(pathToFileURL(from.resolve("pyodide/pyodide.mjs")));
  const pyodide = await loadPyodide({ env: { HOME: "/tmp", PYTHONDONTWRITEBYTECODE: "1" } });
  const root = resolve(dirname(process.argv[1]), "../..");
  const places = { "/course": root, "/wheels": resolve(folder, "wheels"), "/result": resolve(dirname(result)) };
  for (const [place, real] of Object.entries(places)) {
    pyodide.FS.mkdirTree(place);
    pyodide.mountNodeFS(place, real);
  }
  pyodide.globals.set("arguments", pyodide.toPy([`/result/${basename(result)}`, ...parts]));
  pyodide.runPython(`
import sys
sys.path[:0] = ["/course", "/wheels"]
from tests.pyodide.trial import main
main(*arguments)
`);
}

// Uncaught, an error would come with a line of Pyodide's own source, which has a million characters.
main(...process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
