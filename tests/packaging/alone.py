"""Run commands of an installed partnersim in one process, where some packages cannot be imported; print what happened, as JSON.

Arguments: a JSON list of the packages that are missing, a JSON list of commands (lists of words).
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import traceback


class Missing:
    """Finds nothing for some packages, and says so as Python does."""

    def __init__(self, names: list[str]) -> None:
        self.names = set(names)

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def called(words: list[str]) -> dict[str, object]:
    """Call the command line; return its status, seconds of processor time, and what it printed."""
    from partnersim import cli

    sys.argv = ["partnersim", *words]
    status: object = 0
    began = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            cli.main()
        except SystemExit as stopped:
            status = stopped.code or 0
        except BaseException:
            status = "crashed"
            traceback.print_exc()
    return {"status": status, "seconds": time.process_time() - began, "out": out.getvalue(), "err": err.getvalue()}


def main() -> None:
    missing, commands = (json.loads(word) for word in sys.argv[1:3])
    sys.meta_path.insert(0, Missing(missing))
    before = time.process_time()
    import partnersim

    seconds, loaded = time.process_time() - before, sorted({name.partition(".")[0] for name in sys.modules})
    said = {" ".join(words): called(words) for words in commands}
    print(json.dumps({"file": partnersim.__file__, "import_seconds": seconds, "loaded": loaded, "said": said}))


if __name__ == "__main__":
    main()
