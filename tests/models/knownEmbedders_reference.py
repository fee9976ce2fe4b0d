"""Writes knownEmbedders.json: vectors of real embedders by their exports in onnxruntime and their tokenizers.

Usage: python knownEmbedders_reference.py FOLDER, which holds the unpacked jars of knownEmbedders.long.test.ts. Needs
tokenizers and onnxruntime; the product does not need Python.
"""
import json
import pathlib
import sys

import numpy
from onnxruntime import InferenceSession
from tokenizers import Tokenizer

TEXTS = [
    "How do I create a Kubernetes Job?",
    "naïve café, 日本語 and emoji 🚀 mixed with ASCII",
    "The kubelet takes a set of PodSpecs and ensures that the described containers are running. " * 40,
]
# Pooling and prefixes as their model cards state them.
MODELS = {
    "bge-small-en-v1.5": ("cls", "Represent this sentence for searching relevant passages: ", ""),
    "e5-small-v2": ("mean", "query: ", "passage: "),
}
result = {}
for name, (pooling, question, passage) in MODELS.items():
    folder = pathlib.Path(sys.argv[1])
    tokenizer = Tokenizer.from_file(str(folder / f"{name}-tokenizer.json"))
    tokenizer.enable_truncation(512)
    session = InferenceSession(str(folder / f"{name}.onnx"))

    def vector(text):
        ids = numpy.array([tokenizer.encode(text).ids])
        inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
        states = session.run(None, inputs)[0][0]
        pooled = states[0] if pooling == "cls" else states.mean(0)
        return [round(float(x), 6) for x in pooled / numpy.linalg.norm(pooled)]

    result[name] = {
        "questions": [vector(question + text) for text in TEXTS],
        "passages": [vector(passage + text) for text in TEXTS],
    }
file = pathlib.Path(__file__).with_name("knownEmbedders.json")
file.write_text(json.dumps({"texts": TEXTS, "models": result}, ensure_ascii=False) + "\n")
