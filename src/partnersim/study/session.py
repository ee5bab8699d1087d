"""One sitting at a store: when, where and with what it ran, and the log of the parts it wrote."""

from __future__ import annotations

import json
import os
import platform
import socket
import sys
import time
import uuid
from collections.abc import Mapping
from typing import Any

import partnersim
from partnersim import saving
from partnersim.study.edition import Edition
from partnersim.study.store import PARTS, SESSIONS, STATUS, Store


class Session:
    """One sitting at a store: its provenance, and the log it keeps."""

    def __init__(self, store: Store, edition: Edition, about: Mapping[str, Any]) -> None:
        self.name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:12]}"
        self.store = store
        for folder in (STATUS, SESSIONS, PARTS):
            (store.folder / folder).mkdir(exist_ok=True)
        provenance = {
            "session": self.name,
            "command": sys.argv,
            "versions": saving.versions(),
            "commit": saving.commit(),
            "platform": platform.platform(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "edition": edition.number,
            "kernels": dict(edition.kernels),
            "partnersim_file": partnersim.__file__,
            **about,
        }
        with (store.folder / SESSIONS / f"{self.name}.json").open("x", encoding="utf-8") as file:
            file.write(json.dumps(provenance, indent=1, default=str) + "\n")
        self._log = os.open(store.folder / STATUS / f"{self.name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
        self._count = 0

    def next_part(self) -> str:
        """Return a name that no other part has."""
        self._count += 1
        return f"{self.name}-{self._count:06d}"

    def log(self, note: Mapping[str, Any]) -> None:
        """Write a line about a part."""
        os.write(self._log, json.dumps(note).encode() + b"\n")

    def close(self) -> None:
        """End the log."""
        os.close(self._log)
