"""Answers training requests with sentence-transformers' CrossEncoderTrainer (PyTorch, fp32): the peer of bench/train.ts.

Usage: python train.py MODEL_DIR THREADS MAX_TOKENS DEVICE, cpu or cuda. Needs datasets and accelerate beside sentence-transformers.
A request is {"batch": pairs a step, "groups": [{"question", "passages"}]}; the first passage is the positive. Word embeddings are frozen, as
Winnow freezes them.
"""
import json
import logging
import os
import resource
import sys
import tempfile
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers
from datasets import Dataset
from sentence_transformers import CrossEncoder
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss

transformers.logging.set_verbosity_error()
logging.disable(logging.WARNING)
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
torch.set_num_threads(int(sys.argv[2]))
model = CrossEncoder(sys.argv[1], num_labels=1, max_length=int(sys.argv[3]), device=sys.argv[4])
model.model.base_model.embeddings.word_embeddings.weight.requires_grad = False


def answer(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


answer({"ready": True})
for line in sys.stdin:
    request = json.loads(line)
    rows = [
        {"question": group["question"], "passage": passage, "label": float(i == 0)}
        for group in request["groups"] for i, passage in enumerate(group["passages"])
    ]
    with tempfile.TemporaryDirectory() as folder:
        arguments = CrossEncoderTrainingArguments(
            output_dir=folder, num_train_epochs=1, per_device_train_batch_size=request["batch"], learning_rate=1e-5,
            use_cpu=sys.argv[4] == "cpu", save_strategy="no", logging_strategy="no", report_to="none", disable_tqdm=True,
        )
        data = Dataset.from_list(rows)
        trainer = CrossEncoderTrainer(model=model, args=arguments, train_dataset=data, loss=BinaryCrossEntropyLoss(model))
        began = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - began
    answer({"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})
