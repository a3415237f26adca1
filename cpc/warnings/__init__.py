"""Warnings under the names that gcc gives them: which there are, which are on, and where each is found.

A warning has a code (W0251) and at most one option (-Wdiscarded-qualifiers); table.py pairs them and knows what -Wall,
-Wextra and -Wpedantic turn on.  A fact is found where it is known: in the builder when it is about types or values (the
modules here, which `build` calls), on the finished IR when it is about control flow (flow.py).  Whether it is shown is
decided once per unit by `Policy.apply`: a unit is checked the same whatever the command line says.

Headers of the system are nobody's fault: what is found there is dropped.
"""
