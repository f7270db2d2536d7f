"""The parts of the Neo4j engine, which speaks Bolt to a server.

The driver is imported by ``connection`` and ``failures`` alone, Cypher stands in ``cypher`` alone.
"""
