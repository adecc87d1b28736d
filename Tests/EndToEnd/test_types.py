"""The types of the browser client, by the TypeScript compiler."""

import json
import subprocess

from harness import ROOT

FILES = ROOT / "Sources/CWebFiles/files"
PAGES = ROOT / "Tests/EndToEnd/pages"


def tsc(folder, *files):
    # Our own modules, where pages have them; no types of anybody else's.
    options = {"strict": True, "noEmit": True, "target": "es2020", "module": "es2020", "moduleResolution": "node",
               "lib": ["es2020", "dom"], "types": [], "skipDefaultLibCheck": True, "baseUrl": ".",
               "paths": {f"/{name}.js": [str(FILES / name)] for name in ("fantail", "fantail-react", "fantail-vue")}}
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": [str(file) for file in files]}))
    return subprocess.run(["tsc", "-p", str(folder)], capture_output=True, text=True)


def test_pages_in_typescript_compile_and_mistakes_do_not(tmp_path):
    checked = tsc(tmp_path, PAGES / "types.ts")  # a mistake in it that goes unnoticed is an error too
    assert checked.returncode == 0, checked.stdout


def test_a_wrong_type_is_noticed(tmp_path):
    wrong = tmp_path / "wrong.ts"
    wrong.write_text("import { connect } from '/fantail.js';\nconst n: string = connect().onlineCount;\n")
    checked = tsc(tmp_path, wrong)
    assert checked.returncode != 0 and "'number' is not assignable to type 'string'" in checked.stdout
