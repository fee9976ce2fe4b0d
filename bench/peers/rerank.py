"""Answers reranking requests with sentence-transformers' CrossEncoder (PyTorch, fp32): the peer of bench/rerank.ts.

Usage: python rerank.py MODEL_DIR THREADS. MODEL_DIR is a BERT encoder; its head is fresh, which costs the same time.
"""
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from sentence_transformers import CrossEncoder

torch.set_num_threads(int(sys.argv[2]))
model = CrossEncoder(sys.argv[1], num_labels=1, max_length=224, device="cpu")
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    pairs = [(request["question"], passage) for passage in request["passages"]]
    began = time.perf_counter()
    model.predict(pairs, show_progress_bar=False)
    print(json.dumps({"milliseconds": 1000 * (time.perf_counter() - began)}), flush=True)
