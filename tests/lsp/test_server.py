"""The server as an editor meets it: messages through pipes, on a small program."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HEADER = "#include <qemu/coroutine.h>\nint coroutine_fn co_read(int fd);\nint helper(int fd);\n"
MAIN = """#include "h.h"
/* ä𝄞 */ int helper(int fd) { return co_read(fd); }
int coroutine_fn work(int fd) { return helper(fd); }
"""


class Editor:
    """One end of the protocol.  What the server sends without being asked waits in `events`."""

    def __init__(self, root: Path, words: tuple[str, ...] = ()) -> None:
        environment = {**os.environ, "CPC_CACHE": str(root.parent / "cache")}
        self.server = subprocess.Popen(
            [sys.executable, "-m", "cpc", "lsp", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._number = 0
        threading.Thread(target=self._listen, daemon=True).start()
        folder = {"uri": root.as_uri(), "name": "root"}
        self.abilities = self.ask(
            "initialize",
            {"processId": None, "rootUri": root.as_uri(), "workspaceFolders": [folder], "capabilities": {}},
        )["capabilities"]
        self.tell("initialized", {})

    def _listen(self) -> None:
        stream = self.server.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not length:
                return
            message = json.loads(stream.read(length))
            (self._answers if "id" in message and "method" not in message else self.events).put(message)

    def _send(self, **message: Any) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.server.stdin.flush()

    def tell(self, method: str, params: Any) -> None:
        self._send(method=method, params=params)

    def ask(self, method: str, params: Any) -> Any:
        self._number += 1
        self._send(id=self._number, method=method, params=params)
        answer = self._answers.get(timeout=60)
        assert answer["id"] == self._number and "error" not in answer, answer
        return answer["result"]

    def next_event(self, method: str) -> dict[str, Any]:
        while True:
            event = self.events.get(timeout=60)
            if event["method"] == method:
                params = event["params"]
                assert isinstance(params, dict)
                return params

    def findings(self, path: Path) -> list[dict[str, Any]]:
        """The next list of findings that is published for a file."""
        while True:
            params = self.next_event("textDocument/publishDiagnostics")
            if params["uri"] == path.as_uri():
                return list(params["diagnostics"])

    def open(self, path: Path) -> None:
        text = path.read_text()
        document = {"uri": path.as_uri(), "languageId": "c", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def end(self) -> int:
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.server.wait(timeout=60)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "h.h").write_text(HEADER)
    (folder / "main.c").write_text(MAIN)
    return folder


@pytest.fixture
def editor(root: Path) -> Iterator[Editor]:
    found = Editor(root)
    yield found
    if found.server.poll() is None:
        found.server.kill()
    found.server.wait()


def test_findings_repairs_and_what_is_known_of_functions(editor: Editor, root: Path) -> None:
    main = root / "main.c"
    (finding,) = editor.findings(main)
    assert finding["code"] == "E0101" and finding["source"] == "cpc" and finding["severity"] == 1
    before = "/* ä𝄞 */ int helper(int fd) { return "
    units = len(before.encode("utf-16-le")) // 2
    assert finding["range"]["start"] == {"line": 1, "character": units}
    assert finding["range"]["end"] == {"line": 1, "character": units + len("co_read")}

    document = {"textDocument": {"uri": main.as_uri()}}
    editor.open(main)
    where = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}}
    action = editor.ask("textDocument/codeAction", {**document, "range": where, "context": {"diagnostics": [finding]}})[
        0
    ]
    assert action["title"] == "mark 'helper' coroutine_fn"
    edits = action["edit"]["changes"]
    assert set(edits) == {main.as_uri(), (root / "h.h").as_uri()}
    assert edits[(root / "h.h").as_uri()] == [
        {
            "range": {"start": {"line": 2, "character": 0}, "end": {"line": 3, "character": 0}},
            "newText": "int coroutine_fn helper(int fd);\n",
        }
    ]
    hover = editor.ask("textDocument/hover", {**document, "position": {"line": 2, "character": 40}})
    assert "`helper`: a plain function" in hover["contents"]["value"]
    assert "Should be **coroutine_fn**" in hover["contents"]["value"]
    assert editor.ask("textDocument/hover", {**document, "position": {"line": 0, "character": 0}}) is None

    (root / "h.h").write_text(HEADER.replace("int helper", "int coroutine_fn helper"))
    main.write_text(MAIN.replace("int helper", "int coroutine_fn helper"))
    editor.tell("textDocument/didSave", document)
    while editor.findings(main):
        pass
    assert editor.end() == 0


def test_repairs_of_a_text_that_is_not_saved(editor: Editor, root: Path) -> None:
    main = root / "main.c"
    editor.findings(main)
    editor.open(main)
    document = {"textDocument": {"uri": main.as_uri()}}

    def repairs(text: str, line: int, version: int) -> list[dict[str, Any]]:
        changed = {"textDocument": {"uri": main.as_uri(), "version": version}, "contentChanges": [{"text": text}]}
        editor.tell("textDocument/didChange", changed)
        where = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}
        asked = {**document, "range": where, "context": {"diagnostics": []}}
        return list(editor.ask("textDocument/codeAction", asked))

    assert repairs(f"int more;\n{MAIN}", 1, 2) == []
    (action,) = repairs(f"int more;\n{MAIN}", 2, 3)
    (edit,) = action["edit"]["changes"][main.as_uri()]
    assert (edit["range"]["start"]["line"], edit["range"]["end"]["line"]) == (2, 3)
    assert action["diagnostics"][0]["range"]["start"]["line"] == 2
    assert repairs(MAIN.replace("helper(int fd) {", "helper(int fd) { fd++;"), 1, 4) == [], "this line was changed"


def test_a_compilation_database_is_found(root: Path) -> None:
    (root / "h.h").rename(root.parent / "h.h")
    (root / "out").mkdir()
    entry = {"directory": str(root), "file": "main.c", "command": f"cc -I {root.parent} -c main.c"}
    (root / "out" / "compile_commands.json").write_text(json.dumps([entry]))
    editor = Editor(root)
    try:
        assert [finding["code"] for finding in editor.findings(root / "main.c")] == ["E0101"]
        assert editor.end() == 0
    finally:
        editor.server.kill()
        editor.server.wait()


def test_faults_are_findings_and_wrong_use_is_said(root: Path) -> None:
    (root / "main.c").write_text("int f(void) { return ; ]\n")
    editor = Editor(root)
    try:
        assert editor.findings(root / "main.c")[0]["code"].startswith("E0")
        (root / "main.c").unlink()
        editor.tell("workspace/didChangeWatchedFiles", {"changes": []})
        assert "there is no C file" in editor.next_event("window/showMessage")["message"]
    finally:
        editor.server.kill()
        editor.server.wait()
