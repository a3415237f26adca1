"""The server: which events lead to a check, and who asks what.  What is answered is in answers.py.

A check runs in a thread of its own when a file is opened or saved, or changed by somebody else; what the editor has
not saved is not looked at, since headers and sources are read from the disk.  While one runs, any number of further
events lead to one more.  `cpc lint`'s rules are about whole programs, so a change in one file may put findings into
others: all files that have findings, or had some, are published.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

import cpc
from cpc.cc_options import UsageError
from cpc.lsp import answers
from cpc.lsp.state import State, check_program
from cpc.program.lint import Selection

SelectionOf = Callable[[str], Selection]


class Server:
    """`selection_of` says what to read, given the root folder of the workspace ('' when there is none)."""

    def __init__(self, selection_of: SelectionOf) -> None:
        self.protocol = LanguageServer("cpc", cpc.__version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.state: State | None = None
        self._selection_of = selection_of
        self._root = ""
        self._published: set[str] = set()
        self._lock = threading.Lock()
        self._checking = self._again = False
        self._register()

    def _register(self) -> None:
        """pygls notes something on each function, which it cannot on a method."""
        feature = self.protocol.feature
        feature(lsp.INITIALIZED)(lambda _: self._initialized())
        for event in (
            lsp.TEXT_DOCUMENT_DID_OPEN,
            lsp.TEXT_DOCUMENT_DID_SAVE,
            lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        ):
            feature(event)(lambda _: self.check())
        feature(lsp.TEXT_DOCUMENT_HOVER)(lambda params: self._hover(params))
        options = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
        feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)(lambda params: self._code_actions(params))

    # ---- checking ----

    def _initialized(self) -> None:
        self._root = self.protocol.workspace.root_path or ""
        self.check()

    def check(self) -> None:
        """Checks soon, in a thread; at once when none is running."""
        with self._lock:
            self._again = True
            if self._checking:
                return
            self._checking = True
        threading.Thread(target=self._check_while_needed, daemon=True).start()

    def _check_while_needed(self) -> None:
        while True:
            with self._lock:
                if not self._again:
                    self._checking = False
                    return
                self._again = False
            try:
                self.state = check_program(self._selection_of(self._root))
            except UsageError as error:
                self._say(str(error))
            except Exception as error:  # the editor should hear of it, and the server live on
                self._say(f"internal error: {type(error).__name__}: {error}")
            else:
                self._publish(answers.diagnostics(self.state))

    def _say(self, text: str) -> None:
        self.protocol.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"cpc: {text}"))

    def _publish(self, found: dict[str, list[lsp.Diagnostic]]) -> None:
        for uri in sorted(self._published | set(found)):
            self.protocol.text_document_publish_diagnostics(
                lsp.PublishDiagnosticsParams(uri=uri, diagnostics=found.get(uri, []))
            )
        self._published = set(found)

    # ---- questions ----

    def _hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        document = self.protocol.workspace.get_text_document(params.text_document.uri)
        word = document.word_at_position(params.position)
        text = self.state.about(word, answers.path_of(params.text_document.uri)) if self.state is not None else ""
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if text else None

    def _code_actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        if self.state is None:
            return []
        documents = self.protocol.workspace.text_documents.items()
        shown = {answers.path_of(uri): document.source for uri, document in documents}
        return list(answers.actions(self.state, answers.path_of(params.text_document.uri), params.range, shown))
