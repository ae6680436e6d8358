"""Recall of Qdrant's own engine at the settings that groundline/qdrant searches with: docs/qdrant.md quotes it.

    pip install qdrant-edge-py numpy
    python benchmarks/qdrant-recall.py [vectors]

Vectors stand around 3,000 centres, as those of texts do; uniform ones would be the worst case of any graph. Building the
graph over 120,000 of them takes minutes.
"""

import sys
import tempfile

import numpy as np
import qdrant_edge as qdrant

DIMENSIONS, QUERIES, SEED = 256, 60, 7
count = int(sys.argv[1]) if len(sys.argv) > 1 else 120_000
random = np.random.default_rng(SEED)
centres = random.normal(size=(3_000, DIMENSIONS))


def draw(rows):
    near = centres[random.integers(0, len(centres), rows)] + 0.7 * random.normal(size=(rows, DIMENSIONS))
    return (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)


vectors, queries = draw(count), draw(QUERIES)
shard = qdrant.EdgeShard.create(
    tempfile.mkdtemp(),
    qdrant.EdgeConfig(
        vectors={"dense": qdrant.EdgeVectorParams(size=DIMENSIONS, distance=qdrant.Distance.Cosine)},
        # The server's defaults.
        hnsw_config=qdrant.HnswIndexConfig(m=16, ef_construct=100, full_scan_threshold=10_000),
        optimizers=qdrant.EdgeOptimizersConfig(indexing_threshold=10_000),
    ),
)
shard.update(qdrant.UpdateOperation.create_field_index("tenant", qdrant.KeywordIndexParams(is_tenant=True)))
shard.update(qdrant.UpdateOperation.create_field_index("metadata.part", qdrant.FloatIndexParams()))
for start in range(0, count, 1_000):
    points = [
        qdrant.Point(number, {"dense": vectors[number].tolist()}, {"tenant": "-", "metadata": {"part": number % 1_000}})
        for number in range(start, min(count, start + 1_000))
    ]
    shard.update(qdrant.UpdateOperation.upsert_points(points))
shard.optimize()
tenant = qdrant.FieldCondition(key="tenant", match=qdrant.MatchValue("-"))


def search(conditions, **params):
    request = dict(limit=110, filter=qdrant.Filter(must=[tenant, *conditions]), params=qdrant.SearchParams(**params))
    asked = [qdrant.Query.Nearest(query.tolist(), using="dense") for query in queries]
    return [[point.id for point in shard.query(qdrant.QueryRequest(query=query, **request))] for query in asked]


def recall(found, exact, k):
    return np.mean([len(set(a[:k]) & set(b[:k])) / min(k, len(b)) for a, b in zip(found, exact)])


print(f"{count} vectors, {QUERIES} queries, seed {SEED}: recall@10, recall@100 of hnsw_ef 512")
for name, below in [("no filter", None), ("10 %", 100), ("1 %", 10)]:
    conditions = [] if below is None else [qdrant.FieldCondition(key="metadata.part", range=qdrant.RangeFloat(lt=below))]
    exact = search(conditions, exact=True)
    found = search(conditions, hnsw_ef=512)
    print(f"{name:>10} {recall(found, exact, 10):.3f} {recall(found, exact, 100):.3f}")
