"""SQL for SQLite's shell: a few thousand statements over three tables, the same in every run."""

from __future__ import annotations

import random

_SCHEMA = """\
CREATE TABLE t1(a INTEGER PRIMARY KEY, b INT, c REAL, d TEXT);
CREATE TABLE t2(x INT, y INT, z TEXT COLLATE NOCASE, UNIQUE(x, y));
CREATE TABLE t3(k TEXT PRIMARY KEY, v BLOB CHECK(length(v) < 100)) WITHOUT ROWID;
CREATE INDEX i1 ON t1(b, d);
CREATE INDEX i2 ON t2(z) WHERE x > 10;
CREATE VIRTUAL TABLE words USING fts5(text);
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, y0, y1);
CREATE TABLE log(what TEXT);
CREATE TRIGGER tr1 AFTER DELETE ON t1 BEGIN INSERT INTO log VALUES('deleted ' || old.a); END;
CREATE VIEW v1 AS SELECT b, count(*) AS n, avg(c) AS m FROM t1 GROUP BY b;
"""
_WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu ääkköset 漢字 O''Neil"


def statements(count: int) -> str:
    """The schema and `count` statements; errors are wanted too: the shell reports them and goes on."""
    rng = random.Random(count)
    listed = [_statement(rng) for _ in range(count)]
    end = "SELECT count(*) FROM log; SELECT * FROM v1 ORDER BY b; PRAGMA integrity_check;\n"
    return _SCHEMA + "\n".join(listed) + "\n" + end


def _statement(rng: random.Random) -> str:
    return rng.choice(_KINDS)(rng)


def _number(rng: random.Random) -> str:
    return rng.choice(
        [str(rng.randrange(100)), str(rng.randrange(-(2**63), 2**63)), f"{rng.uniform(-9, 9):.6f}", "NULL"]
    )


def _text(rng: random.Random) -> str:
    return "'" + " ".join(rng.choices(_WORDS.split(), k=rng.randrange(1, 4))) + "'"


def _expression(rng: random.Random, depth: int = 0) -> str:
    """Over the columns of t1."""
    if depth > 2 or rng.random() < 0.3:
        return rng.choice(["a", "b", "c", "d", _number(rng), _text(rng)])
    x, y, z = (_expression(rng, depth + 1) for _ in range(3))
    operator = rng.choice(["+", "-", "*", "/", "%", "||", "<", "=", "IS", "AND", "OR", "&", "|", "<<", ">>"])
    forms = [
        f"({x} {operator} {y})",
        f"coalesce({x}, {y})",
        f"CASE WHEN {x} THEN {y} ELSE {z} END",
        f"abs(length({x}))",
    ]
    forms += [f"substr({x}, {y}, {z})", f"round({x}, 2)", f"printf('%5.2f|%s|%d', {x}, {y}, {z})", f"hex({x})"]
    forms += [
        f"typeof({x})",
        f"CAST({x} AS {rng.choice(['INT', 'REAL', 'TEXT', 'BLOB'])})",
        f"({x} BETWEEN {y} AND {z})",
    ]
    forms += [
        f"upper({x})",
        f"replace({x}, {y}, {z})",
        f"({x} LIKE '%a%')",
        f"max({x}, {y})",
        f"quote({x})",
        f"sin({x})",
    ]
    forms += [f"json_array({x}, {y})", f"instr({x}, {y})", f"trim({x})", f"unicode({x})", f"date({x}, 'unixepoch')"]
    return rng.choice(forms)


def _insert(rng: random.Random) -> str:
    rows = [f"({rng.randrange(2000)}, {rng.randrange(50)}, {_number(rng)}, {_text(rng)})" for _ in range(4)]
    return f"INSERT OR {rng.choice(['REPLACE', 'IGNORE', 'ABORT'])} INTO t1 VALUES {', '.join(rows)};"


def _insert_others(rng: random.Random) -> str:
    low = rng.uniform(0, 100)
    return rng.choice(
        [
            f"INSERT INTO t2 VALUES({rng.randrange(40)}, {rng.randrange(40)}, {_text(rng)});",
            f"INSERT INTO t3 VALUES({_text(rng)}, zeroblob(0) || x'{rng.randbytes(rng.randrange(60)).hex()}')"
            " ON CONFLICT(k) DO UPDATE SET v = v || excluded.v;",
            f"INSERT INTO words VALUES({_text(rng)});",
            f"INSERT INTO boxes VALUES({rng.randrange(500)}, {low}, {low + 5}, {low}, {low + rng.randrange(9)});",
        ]
    )


def _update(rng: random.Random) -> str:
    column = rng.choice("bcd")
    return f"UPDATE t1 SET {column} = {_expression(rng)} WHERE a % {rng.randrange(2, 60)} = 0;"


def _delete(rng: random.Random) -> str:
    return (
        f"DELETE FROM t1 WHERE a BETWEEN {rng.randrange(2000)} AND {rng.randrange(2000)} AND b = {rng.randrange(50)};"
    )


def _select(rng: random.Random) -> str:
    order = "ORDER BY a LIMIT 5"
    return f"SELECT a, {_expression(rng)}, {_expression(rng)} FROM t1 WHERE {_expression(rng)} {order};"


def _aggregate(rng: random.Random) -> str:
    function = rng.choice(["count", "sum", "total", "avg", "min", "max", "group_concat"])
    return (
        f"SELECT b % 7 AS g, {function}({rng.choice('abc')}) FROM (SELECT * FROM t1 ORDER BY a) GROUP BY g ORDER BY g;"
    )


def _join(rng: random.Random) -> str:
    kind = rng.choice(["JOIN", "LEFT JOIN", "FULL JOIN"])
    return (
        f"SELECT count(*), sum(a), max(z) FROM t1 {kind} t2 ON t1.b = t2.{rng.choice('xy')} WHERE {_expression(rng)};"
    )


def _window(rng: random.Random) -> str:
    rows = f"ROWS BETWEEN {rng.randrange(4)} PRECEDING AND CURRENT ROW"
    return f"SELECT a, sum(b) OVER (ORDER BY a {rows}), rank() OVER (PARTITION BY b % 3 ORDER BY a) FROM t1 LIMIT 6;"


def _recursive(rng: random.Random) -> str:
    body = f"SELECT n + 1, (f * 31 + n) % 1000003 FROM s WHERE n < {rng.randrange(5, 300)}"
    return f"WITH RECURSIVE s(n, f) AS (SELECT 1, 7 UNION ALL {body}) SELECT count(*), sum(f), max(f) FROM s;"


def _search(rng: random.Random) -> str:
    word = rng.choice(_WORDS.split()[:10])
    return rng.choice(
        [
            f"SELECT rowid, text FROM words WHERE words MATCH '{word}' ORDER BY rowid LIMIT 4;",
            f"SELECT id FROM boxes WHERE x0 < {rng.randrange(100)} AND x1 > {rng.randrange(100)} ORDER BY id LIMIT 9;",
            "SELECT k, hex(v) FROM t3 ORDER BY k DESC LIMIT 3;",
            "SELECT json_extract('{\"a\":[1,2,{\"b\":3}]}', '$.a[2].b'), json_type('[1.5]', '$[0]');",
        ]
    )


def _transaction(rng: random.Random) -> str:
    return (
        f"BEGIN; {_insert(rng)} {_update(rng)} {rng.choice(['COMMIT', 'ROLLBACK'])}; SELECT count(*), sum(b) FROM t1;"
    )


_KINDS = (
    _insert, _insert, _insert_others, _insert_others, _update, _delete, _select, _select, _select, _aggregate, _join,
    _window, _recursive, _search, _transaction,
)  # fmt: skip
