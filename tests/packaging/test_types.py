"""Who uses partnersim in a typed program: its types are seen, and mistakes are found."""

import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

PROGRAM = """
import partnersim as ps

scenario = ps.load_scenario("abc-unified")
result = ps.run(scenario, replicates=2)
reveal_type(result)
reveal_type(result.summary())
study = ps.Study.load("study.toml")
reveal_type(study.runs)
ps.run(scenario, replicates="many")
scenario.no_such_thing
"""


def test_the_types_of_an_installed_partnersim_are_seen(built, tmp_path):
    venv.create(tmp_path / "venv", symlinks=sys.platform != "win32")
    python = next(path for path in (tmp_path / "venv").glob("*/python*") if path.stem == "python")
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip())
    for folder in built.installed.iterdir():
        shutil.copytree(folder, packages / folder.name)
    # what partnersim stands on comes from this environment
    (packages / "others.pth").write_text("\n".join(path for path in site.getsitepackages() if Path(path).is_dir()))
    (tmp_path / "program.py").write_text(PROGRAM)
    call = [sys.executable, "-m", "mypy", "--python-executable", str(python), "--config-file=", "program.py"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = [line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("program.py")]
    revealed = [line.partition("Revealed type is ")[2] for line in said if "Revealed" in line]
    assert revealed[0] == '"partnersim.results.RunSet"', done.stdout
    assert "DataFrame" in revealed[1] or revealed[1] == '"Any"'  # Any without pandas-stubs
    assert revealed[2] in ('"int"', '"builtins.int"')
    mistakes = [line for line in said if line.startswith("error")]
    assert len(mistakes) == 2, done.stdout
    assert '"replicates" to "run" has incompatible type "str"' in mistakes[0]
    assert '"Scenario" has no attribute "no_such_thing"' in mistakes[1]
