"""GNU C and C23 on top of pycparser's recursive-descent parser: text of `cc -E` -> Unit.

pycparser 3.12 is subclassed, never copied: one overridden `_parse_*` method per grammar rule that GNU C extends.
Its methods are private, so the version is pinned.  This file has declarations, attributes and the entry point;
gnu_statements.py has expressions, initialisers and statements, gnu_faults.py what is said about errors.

    text --GnuLexer--> tokens --GnuTokenStream--> tokens without attributes --GnuParser--> Unit (AST + side tables)

Attributes: an inner construct (member, parameter, enumerator, pointer) is complete before the declaration around it
is, and claims the attributes in its own range of tokens first; the rest belongs to the outer one.  What nobody
claims is an error, so that no attribute is lost in silence.

Rejected: forking pycparser; pycparserext (breaks with 3.12, knows half of these constructs).
"""

from __future__ import annotations

import gc
from typing import Any

from pycparser import c_ast

from cpc.diag import Diagnostics
from cpc.frontend import pragma_weak
from cpc.frontend.attributes import parse_attributes
from cpc.frontend.gnu_faults import GnuFaults
from cpc.frontend.lexer import GnuLexer, GnuTokenStream, SyntaxFault, token_coord
from cpc.frontend.literals import string_text
from cpc.frontend.unit import Attribute, Unit, loc_of
from cpc.loc import Loc
from cpc.warnings import usage

BUILTIN_TYPES = ("__builtin_va_list", "__builtin_ms_va_list", "__int128_t", "__uint128_t")
_LAYOUT = frozenset({"aligned", "vector_size", "mode"})  # of an inner pointer: about the pointer type only
_LONGEST_DECLARATOR = 20_000
_DEEPEST_BLOCKS = 10_000


class GnuParser(GnuFaults):
    """One parser parses one unit.  `c23`: keywords and meanings of C23 instead of C17."""

    def __init__(self, diags: Diagnostics, *, c23: bool = False) -> None:
        super().__init__(lexer=GnuLexer, dialect="c23")  # the base's C23 grammar; the words follow self.c23
        self.clex.c23 = self.c23 = c23
        self.diags = diags
        self.unit = Unit("", c_ast.FileAST([]), c23)
        self._declarator_attributes: dict[c_ast.Node, list[Attribute]] = {}
        self._in_old_parameters = False
        self._in_members = False
        self._chain: tuple[Any, Any, int] = (None, None, 0)  # a declarator, the last of its parts, how many they are

    def parse_text(self, text: str, filename: str) -> Unit:
        self.clex.input(text, filename)
        self._scope_stack = [dict.fromkeys(BUILTIN_TYPES, True)]
        self._tokens = GnuTokenStream(self.clex)
        self.unit.filename = filename
        self.unit.ast = c_ast.FileAST(self._parse_translation_unit())
        self.unit.system_lines = self.clex.system_lines
        self.unit.pragmas = self.clex.diagnostic_pragmas
        if self.clex.weak_names:
            pragma_weak.apply(self.unit, self.clex.weak_names)
        return self.unit

    # ---- what attributes.py uses --------------------------------------------------------------------------------

    def swap_stream(self, stream: Any) -> Any:
        """Reads from `stream` from now on; returns the stream so far."""
        old, self._tokens = self._tokens, stream
        self._typedef_checked_token = None
        return old

    def peek_token(self, k: int = 1) -> Any:
        return self._peek(k)

    def next_token(self) -> Any:
        return self._advance()

    def parse_argument(self) -> Any:
        """A type name or an assignment expression."""
        if self._starts_declaration():
            return self._parse_type_name()
        return self._parse_assignment_expression()

    def _type_modify_decl(self, decl: Any, modifier: Any) -> Any:
        """The base walks the whole chain for each suffix; here the last one's end is kept."""
        last, parts = modifier, 1
        while last.type:
            last, parts = last.type, parts + 1
        if isinstance(decl, c_ast.TypeDecl):
            last.type, result = decl, modifier
        else:
            head, tail, before = self._chain
            if head is not decl:
                tail, before = decl, 1
            while not isinstance(tail.type, c_ast.TypeDecl):
                tail, before = tail.type, before + 1
            last.type, tail.type, result, parts = tail.type, modifier, decl, before + parts
        if parts > _LONGEST_DECLARATOR:
            self._parse_error(f"a declarator of more than {_LONGEST_DECLARATOR} parts", decl.coord)
        self._chain = result, last, parts
        return result

    def _parse_array_decl_common(self, base_type: Any, coord: Any = None) -> Any:
        """The base takes every `[*` for `[*]`; a length may begin with a star: `int a[*n]`."""
        if self._peek_type(2) != "TIMES" or self._peek_type(3) == "RBRACKET":
            return super()._parse_array_decl_common(base_type, coord)
        place = self._tok_coord(self._expect("LBRACKET"))
        length = self._parse_assignment_expression()
        self._expect("RBRACKET")
        attributes = self._parse_attribute_specifier_sequence()
        return c_ast.ArrayDecl(base_type, length, [], coord or place, attributes=attributes)

    def _push_scope(self) -> None:
        if len(self._scope_stack) > _DEEPEST_BLOCKS:
            self._parse_error(f"blocks are nested more than {_DEEPEST_BLOCKS} deep", None)
        super()._push_scope()

    # ---- attributes ---------------------------------------------------------------------------------------------

    def _check_claimed(self) -> None:
        """Reports attributes of the finished declaration that no construct took."""
        for pending in self._tokens.take(0, self._mark() - 1):
            if pending.tokens:
                token = pending.tokens[0]
                self.diags.error(
                    "E0005",
                    Loc(token.filename, token.lineno, token.column),
                    f"attribute '{token.value}' does not belong here",
                )

    def _take(self, first: int, last: int | None = None) -> list[Attribute]:
        """The attributes before tokens `first` to `last`; without `last` up to the next token, which is read."""
        if last is None:
            self._peek()
            last = self._mark()
        return [a for pending in self._tokens.take(first, last) for a in parse_attributes(self, pending)]

    def _claim(self, node: Any, first: int, last: int | None = None) -> None:
        if found := self._take(first, last):
            self.unit.attributes.setdefault(node, []).extend(found)

    def _claim_for_declarator(self, declarator: Any, first: int) -> None:
        if found := self._take(first):
            self._declarator_attributes.setdefault(declarator, []).extend(found)

    def _attributes_along(self, declarator: Any) -> list[Attribute]:
        """All attributes written in a declarator, from the name outward."""
        found: list[Attribute] = []
        node = declarator
        while node is not None:
            if isinstance(node, c_ast.PtrDecl):
                found += [a for a in self.unit.attributes_of(node) if node is declarator or a.name not in _LAYOUT]
            found += self._declarator_attributes.pop(node, [])
            node = node.type if isinstance(node, (c_ast.PtrDecl, c_ast.ArrayDecl, c_ast.FuncDecl)) else None
        return found

    def _parse_specifiers(self, **options: Any) -> Any:
        first = self._mark()
        result = super()._parse_specifiers(**options)
        if result[0] is not None:
            result[0]["gnu"] = self._take(first)
        return result

    def _parse_struct_or_union_specifier(self) -> Any:
        first = self._mark()
        node = super()._parse_struct_or_union_specifier()
        if node.decls is None:
            self._claim(node, first + 1, self._mark() - 1)
        else:
            self.unit.packs[node] = self._tokens.pack_at(self._mark() - 1)
            self._claim(node, first + 1)
        return node

    def _parse_enum_specifier(self) -> Any:
        first = self._mark()
        node = super()._parse_enum_specifier()
        self._claim(node, first + 1, self._mark() - 1 if node.values is None else None)
        return node

    def _parse_enumerator(self) -> Any:
        first = self._mark()
        if self._peek_type() == "TYPEID":  # an enumerator hides a type of the scopes around
            name = self._peek()
            if self._scope_stack[-1].get(name.value):
                self._parse_error(f"'{name.value}' is a type in this scope", self._tok_coord(name))
            self._scope_stack[-1][name.value] = False
            name.type = "ID"
            self._typedef_checked_token = None
        node = super()._parse_enumerator()
        self._claim(node, first + 1)
        return node

    def _parse_pointer(self) -> Any:
        pointer = None
        while self._peek_type() == "TIMES":
            first = self._mark() if pointer is None else self._mark() + 1
            star = self._advance()
            qualifiers = self._parse_type_qualifier_list()
            pointer = c_ast.PtrDecl(quals=qualifiers, type=pointer, coord=self._tok_coord(star))
            self._claim(pointer, first)
        return pointer

    def _parse_declarator_kind(self, kind: str, allow_paren: bool) -> Any:
        first = self._mark()
        declarator = super()._parse_declarator_kind(kind, allow_paren)
        if self._peek_type() == "GNU_ASM":
            self._advance()
            self._expect("LPAREN")
            label = string_text(self._parse_unified_string_literal().value)
            self._expect("RPAREN")
            self.unit.asm_labels[declarator] = label
        self._claim_for_declarator(declarator, first)
        return declarator

    def _parse_abstract_declarator_opt(self) -> Any:
        first = self._mark()
        declarator = super()._parse_abstract_declarator_opt()
        if declarator is not None:
            self._claim_for_declarator(declarator, first)
        return declarator

    def _parse_init_declarator(self, id_only: bool = False) -> Any:
        """A variable hides a type of its name from its own initialiser on: `int v = 4, *p = &v;`."""
        declarator = self._parse_id_declarator() if id_only else self._parse_declarator()
        if self._peek_type() != "EQUALS":
            return {"decl": declarator}
        inner = declarator
        while not isinstance(inner, c_ast.TypeDecl):
            inner = inner.type
        if inner.declname and not self._scope_stack[-1].get(inner.declname, False):
            self._scope_stack[-1][inner.declname] = False
        self._advance()
        return {"decl": declarator, "init": self._parse_initializer()}

    def _parse_struct_declarator(self) -> Any:
        first = self._mark()
        info = super()._parse_struct_declarator()
        self._claim_for_declarator(info["decl"], first)  # behind a bit-field's width
        return info

    def _build_declarations(self, spec: Any, decls: Any, typedef_namespace: bool = False) -> Any:
        declarators = [info["decl"] for info in decls]
        labels = [self.unit.asm_labels.pop(d, "") for d in declarators]
        if "typedef" in spec["storage"]:
            self._check_typedef(spec, decls)
        nodes = super()._build_declarations(spec, decls, typedef_namespace)
        for node, declarator, label in zip(nodes, declarators, labels, strict=False):
            found = spec.get("gnu", []) + self._attributes_along(declarator)
            if found:
                self.unit.attributes.setdefault(node, []).extend(found)
            if label:
                self.unit.asm_labels[node] = label
        return nodes

    def _parse_atomic_specifier(self) -> Any:
        node = super()._parse_atomic_specifier()
        if node.type.quals if isinstance(node.type, c_ast.PtrDecl) else node.quals[:-1]:
            self._parse_error("'_Atomic()' of a qualified type", node.coord)
        return node

    def _check_typedef(self, spec: Any, infos: Any) -> None:
        for info in infos:
            if info.get("init") is not None:
                self._parse_error("a typedef has no initialiser", info["decl"].coord)
            if spec["alignment"]:
                self._parse_error("a typedef has no _Alignas", info["decl"].coord)

    def _build_type_name(self, spec: Any, decl: Any, coord: Any) -> Any:
        found = spec.get("gnu", []) + self._attributes_along(decl)
        node = super()._build_type_name(spec, decl, coord)
        node.align = spec["alignment"] or None
        if found:
            self.unit.attributes.setdefault(node, []).extend(found)
        return node

    # ---- declarations -------------------------------------------------------------------------------------------

    def _is_inferred_auto(self, spec: Any) -> bool:
        return self.c23 and bool(super()._is_inferred_auto(spec))

    def _fix_decl_name_type(self, decl: Any, typename: Any) -> Any:
        if not typename and not self.c23:  # implicit int: `static x;`
            typename = [c_ast.IdentifierType(["int"], coord=decl.coord)]
            usage.implicit_int(self.diags, decl)
        return super()._fix_decl_name_type(decl, typename)

    def _parse_specifier_qualifier_list(self) -> Any:
        """Also implicit int where there are only qualifiers: `(const *)p`."""
        count = 1
        while self._peek_type(count) in ("CONST", "VOLATILE", "RESTRICT"):
            count += 1
        if count == 1 or self.c23 or self._peek_type(count) not in ("TIMES", "RPAREN", "ID", "LBRACKET"):
            return super()._parse_specifier_qualifier_list()
        spec = self._parse_specifiers(allow_storage_and_function=False)[0]
        assert spec is not None
        spec["type"] = [c_ast.IdentifierType(["int"], coord=self._tok_coord(self._peek()))]
        return spec

    def _parse_any_declarator(self, allow_abstract: bool = False, typeid_paren_as_abstract: bool = False) -> Any:
        """Also a parameter named like a type where that cannot be one: `int (*x)(void)`."""
        starred = typeid_paren_as_abstract and self._peek_type() == "LPAREN" and self._peek_type(2) == "TIMES"
        if starred and self._peek_declarator_name_info()[0] == "TYPEID":
            return self._parse_typeid_declarator(), True
        return super()._parse_any_declarator(allow_abstract, typeid_paren_as_abstract)

    def _parse_parameter_list(self) -> Any:
        """GNU C declares parameters forward: `int f(int n; int a[n], int n)`."""
        params = super()._parse_parameter_list()
        forward: list[Any] = []
        while self._accept("SEMI"):
            forward += params.params
            params = super()._parse_parameter_list()
        if forward:
            self.unit.forward[params] = forward
        return params

    def _parse_struct_declaration(self) -> Any:
        outer, self._in_members = self._in_members, True
        try:
            return super()._parse_struct_declaration()
        finally:
            self._in_members = outer

    def _parse_decl_body_with_spec(self, spec: Any, saw_type: bool) -> Any:
        """`int;` and `static;` declare nothing (gcc warns)."""
        tags = (c_ast.Struct, c_ast.Union, c_ast.Enum)
        if self._peek_type() == "SEMI" and len(spec["type"]) < 2 and not isinstance((spec["type"] or [0])[0], tags):
            token = self._peek()
            self.diags.warning("W0233", Loc(token.filename, token.lineno, token.column), "an empty declaration")
            return []
        return super()._parse_decl_body_with_spec(spec, saw_type)

    def _parse_declaration_end(self, decls: Any) -> Any:
        """The last member of a struct needs no semicolon (GNU C)."""
        if self._in_members and self._peek_type() == "RBRACE":
            return decls
        return super()._parse_declaration_end(decls)

    def _parse_external_declaration(self) -> Any:
        kind = self._peek_type()
        if kind == "GNU_ASM":
            return [self._parse_file_asm()]
        if kind == "SEMI":  # `[[...]];`
            self._take(self._mark())
        if kind in ("ID", "TIMES", "LPAREN") and len(self._scope_stack) == 1 and not self.c23:
            return self._parse_implicit_int()
        return super()._parse_external_declaration()

    def _parse_file_asm(self) -> Any:
        """Outside of functions an asm is its text only; `volatile` means nothing there (clang)."""
        node = self._parse_asm()
        if node.extended:
            self._parse_error("an asm outside of functions has no operands", node.coord)
        return node

    def _tok_coord(self, tok: Any) -> Any:
        """The place of a token; at the end of the text there is none to take, which is a fault of the text."""
        return super()._tok_coord(tok or self._advance())

    def _parse_implicit_int(self) -> Any:
        """C89: `f(a) int a; { }`, `*p;`, `x = 3;` at file scope."""
        coord = self._tok_coord(self._peek())
        spec: dict[str, Any] = {key: [] for key in ("qual", "storage", "function", "alignment", "type_attributes")}
        spec["type"] = [c_ast.IdentifierType(["int"], coord=coord)]
        spec["gnu"] = self._take(self._mark())
        name = self._peek()
        if name.type == "ID" and self._peek_type(2) not in ("LPAREN", "EQUALS", "COMMA", "SEMI", "LBRACKET"):
            raise SyntaxFault(Loc(name.filename, name.lineno, name.column), f"unknown type name '{name.value}'")
        declarator = self._parse_id_declarator()
        usage.implicit_int(self.diags, declarator)
        if self._peek_type() == "LBRACE" or (isinstance(declarator, c_ast.FuncDecl) and self._starts_declaration()):
            function = self._parse_function_definition(spec, declarator)
            self.unit.untyped.add(function)
            return [function]
        info: dict[str, Any] = {"decl": declarator}
        if self._accept("EQUALS"):
            info["init"] = self._parse_initializer()
        infos = self._parse_init_declarator_list(first=info)
        return self._parse_declaration_end(self._build_declarations(spec, infos, True))

    def _parse_function_definition(self, spec: Any, decl: Any) -> Any:
        if not isinstance(decl, c_ast.FuncDecl):
            self._expect("SEMI")
        machine = self._tokens.machine_at(self._mark() - 1)
        node = super()._parse_function_definition(spec, decl)
        if machine:
            self.unit.attributes.setdefault(node.decl, []).append(Attribute("target", (machine,), loc_of(node)))
        brace = self._tokens._buffer[self._mark() - 1]
        self.unit.ends[node] = Loc(brace.filename, brace.lineno, brace.column)
        return node

    def _parse_declaration(self) -> Any:
        """In a block the grammar is that of the file scope: GNU C has nested functions."""
        if len(self._scope_stack) == 1 or self._in_old_parameters or self._peek_type() == "_STATIC_ASSERT":
            return super()._parse_declaration()
        return self._parse_external_declaration()

    def _parse_declaration_list(self) -> Any:
        outer, self._in_old_parameters = self._in_old_parameters, True
        try:
            return super()._parse_declaration_list()
        finally:
            self._in_old_parameters = outer

    def _parse_compound_statement(self, *, new_scope: bool = True) -> Any:
        outer = self._in_old_parameters, self._in_members
        self._in_old_parameters = self._in_members = False
        try:
            return super()._parse_compound_statement(new_scope=new_scope)
        finally:
            self._in_old_parameters, self._in_members = outer


def parse_unit(
    text: str,
    filename: str,
    diags: Diagnostics,
    *,
    c23: bool = False,
    gnu_inline: bool = False,
    free_words: frozenset[str] = frozenset(),
) -> Unit | None:
    """Parses one preprocessed unit, in which `free_words` are no keywords.  None when there was a syntax error (all of
    them are in `diags`).

    The collector is off meanwhile: it would walk the growing tree again and again (1.6-2.6 times the time)."""
    parser = GnuParser(diags, c23=c23)
    parser.unit.gnu_inline = gnu_inline
    parser.clex.free_words = free_words
    before = len(diags.items)
    collecting = gc.isenabled()
    gc.disable()
    try:
        unit = parser.parse_text(text, filename)
    except RecursionError:
        loc = Loc(parser.clex.filename, max(1, parser.clex._lineno), 0)
        diags.error("E0004", loc, "nesting is too deep")
        return None
    finally:
        if collecting:
            gc.enable()
    return None if any(d.severity == "error" for d in diags.items[before:]) else unit


__all__ = ["Attribute", "GnuParser", "Unit", "parse_unit", "token_coord"]
