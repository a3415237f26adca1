"""`#pragma weak f` and `#pragma weak f = g`: attributes of the declarations of f, wherever they stand.

Without any declaration of f in the unit, the second form is what the assembler makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pycparser import c_ast

from cpc.frontend.nodes import Asm
from cpc.frontend.unit import Attribute, Unit, loc_of


def apply(unit: Unit, weak_names: Mapping[str, str]) -> None:
    """`weak_names`: what each name is an alias of, or ''."""
    declared: set[str] = set()
    for node in unit.ast.ext:
        declaration = node.decl if isinstance(node, c_ast.FuncDef) else node
        name = getattr(declaration, "name", None) or ""
        if name not in weak_names:
            continue
        declared.add(name)
        said = unit.attributes.setdefault(declaration, [])
        said.append(Attribute("weak", (), loc_of(declaration)))
        if weak_names[name]:
            said.append(Attribute("alias", (weak_names[name],), loc_of(declaration)))
    for name, target in weak_names.items():
        if target and name not in declared:
            unit.ast.ext.append(Asm([], f".weak {name}\n\t.set {name},{target}"))
