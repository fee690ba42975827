"""The tables and statements of the accounts that servers share."""

from __future__ import annotations

from typing import Any

from ..telemetry.usage import ADD as _ADD
from ..telemetry.usage import SUMS, summed

TABLES = (
    f"""CREATE TABLE IF NOT EXISTS ensemble_usage (
        key TEXT NOT NULL, hour BIGINT NOT NULL, graph TEXT NOT NULL,
        {", ".join(f"{name} DOUBLE PRECISION NOT NULL DEFAULT 0" for name in SUMS)},
        PRIMARY KEY (key, hour, graph)
    )""",
    # What budgets count: calls that have ended, and the worst case of those in flight.
    """CREATE TABLE IF NOT EXISTS ensemble_spent (
        key TEXT NOT NULL, since BIGINT NOT NULL,
        calls BIGINT NOT NULL, usd DOUBLE PRECISION NOT NULL, PRIMARY KEY (key, since)
    )""",
    """CREATE TABLE IF NOT EXISTS ensemble_reserved (
        id TEXT PRIMARY KEY, server TEXT NOT NULL, key TEXT NOT NULL, since BIGINT NOT NULL,
        graph TEXT NOT NULL, calls BIGINT NOT NULL, usd DOUBLE PRECISION NOT NULL
    )""",
    # When each key started its last runs, in seconds since 1970 by PostgreSQL's clock.
    """CREATE TABLE IF NOT EXISTS ensemble_starts (
        key TEXT PRIMARY KEY, starts DOUBLE PRECISION[] NOT NULL
    )""",
)
LOCK = "hashtextextended('langgraph-ensemble accounts ' || %s, 0)"
PRESENT = f"SELECT pg_advisory_lock({LOCK})"
# Rows of periods that are over go at the next one, but for the clocks of other servers.
FORGET = "DELETE FROM ensemble_spent WHERE key = %(key)s AND since < %(since)s - 172800"
BEGIN = """
INSERT INTO ensemble_spent (key, since, calls, usd)
SELECT %(key)s, %(since)s, COALESCE(SUM(calls), 0), COALESCE(SUM(bound_usd), 0)
FROM ensemble_usage WHERE key = %(key)s AND hour >= %(since)s / 3600
ON CONFLICT (key, since) DO UPDATE SET
    calls = GREATEST(ensemble_spent.calls, excluded.calls),
    usd = GREATEST(ensemble_spent.usd, excluded.usd)
"""
# The row is locked until the statement has ended, and read anew by the next one.
TAKE = """
WITH taken AS (
    UPDATE ensemble_spent SET calls = calls + %(calls)s, usd = usd + %(usd)s
    WHERE key = %(key)s AND since = %(since)s
    AND (%(max_calls)s::bigint IS NULL OR calls + %(calls)s <= %(max_calls)s::bigint)
    AND (%(budget)s::float8 IS NULL OR %(usd)s = 0 OR usd + %(usd)s <= %(budget)s::float8)
    AND NOT EXISTS (SELECT 1 FROM ensemble_reserved WHERE id = %(id)s)
    RETURNING 1
)
INSERT INTO ensemble_reserved (id, server, key, since, graph, calls, usd)
SELECT %(id)s, %(server)s, %(key)s, %(since)s, %(graph)s, %(calls)s, %(usd)s FROM taken
"""
KNOWN = "SELECT 1 FROM ensemble_reserved WHERE id = %(id)s"
SPENT = "SELECT calls, usd FROM ensemble_spent WHERE key = %(key)s AND since = %(since)s"
SETTLE = """
WITH gone AS (DELETE FROM ensemble_reserved WHERE id = %(id)s RETURNING key, since)
UPDATE ensemble_spent AS s SET calls = s.calls - %(calls)s, usd = s.usd - %(usd)s
FROM gone WHERE s.key = gone.key AND s.since = gone.since
"""
# Its server was taken for dead while it had no connection, and the dollars were given back.
LATE = "UPDATE ensemble_spent SET usd = usd + %(usd)s WHERE key = %(key)s AND since = %(since)s"
OTHERS = "SELECT DISTINCT server FROM ensemble_reserved WHERE server <> %s"
ALONE = f"SELECT pg_advisory_xact_lock({LOCK})"
GONE = f"SELECT pg_try_advisory_xact_lock({LOCK})"
CLEAR = """
WITH gone AS (DELETE FROM ensemble_reserved WHERE server = ANY(%(servers)s) RETURNING *),
each AS (SELECT key, since, SUM(usd) AS usd FROM gone GROUP BY key, since),
given AS (
    UPDATE ensemble_spent AS s SET usd = s.usd - each.usd
    FROM each WHERE s.key = each.key AND s.since = each.since
)
SELECT key, graph, SUM(calls) AS calls FROM gone GROUP BY key, graph ORDER BY key, graph
"""
# Those of the last minute; the row is locked, so that none is counted twice or forgotten.
START = """
INSERT INTO ensemble_starts AS s (key, starts)
VALUES (%(key)s, ARRAY[extract(epoch FROM clock_timestamp())::float8])
ON CONFLICT (key) DO UPDATE SET starts = ARRAY(
    SELECT at FROM unnest(s.starts) AS at
    WHERE at > extract(epoch FROM clock_timestamp()) - %(minute)s ORDER BY at
) || extract(epoch FROM clock_timestamp())::float8
WHERE (
    SELECT count(*) FROM unnest(s.starts) AS at
    WHERE at > extract(epoch FROM clock_timestamp()) - %(minute)s
) < %(most)s
"""
FREE = """
SELECT min(at) + %(minute)s - extract(epoch FROM clock_timestamp())::float8
FROM ensemble_starts, unnest(starts) AS at
WHERE key = %(key)s AND at > extract(epoch FROM clock_timestamp()) - %(minute)s
"""
ADD: Any = _ADD.replace("?", "%s")
TOTAL = f"SELECT {summed()} FROM ensemble_usage WHERE key = %s AND hour >= %s"  # noqa: S608
REPORT = (
    f"SELECT key, graph, {summed()} FROM ensemble_usage WHERE hour >= %s "  # noqa: S608
    "GROUP BY key, graph ORDER BY key, graph"
)
