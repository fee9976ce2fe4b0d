"""Prints the raw logits that sentence-transformers' CrossEncoder gives pairs, one line of JSON a model folder.

Usage: python peer.py CASES.json FOLDER...; CASES.json holds {"question", "passages"}. Torch is loaded, but ONNX Runtime runs
the model.
"""
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
from sentence_transformers import CrossEncoder

with open(sys.argv[1]) as file:
    cases = json.load(file)
for folder in sys.argv[2:]:
    model = CrossEncoder(folder, backend="onnx")
    logits = model.predict([(cases["question"], passage) for passage in cases["passages"]], show_progress_bar=False)
    print(json.dumps([float(logit) for logit in logits]), flush=True)
