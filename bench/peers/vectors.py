"""Answers embedding requests with sentence-transformers (PyTorch, fp32): a peer of bench/embed.ts.

Usage: python vectors.py MODEL_DIR THREADS MAX_TOKENS [ONNX_FILE]. Where ONNX_FILE is named the encoder is exported to it
(input_ids, attention_mask, token_type_ids -> last_hidden_state) before the first answer, for transformers.js.
"""
import json
import os
import resource
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from sentence_transformers import SentenceTransformer

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
folder, threads, max_tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


class Encoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)[0]


def export(file):
    from transformers import AutoModel

    encoder = Encoder(AutoModel.from_pretrained(folder, attn_implementation="eager").eval())
    ones = torch.ones(2, 8, dtype=torch.int64)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "length"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(
        encoder, (ones, ones, ones * 0), file, input_names=names, output_names=["last_hidden_state"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )


def answer(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


if len(sys.argv) > 4:
    # A process of its own, so that the export is not counted in this one's memory.
    child = os.fork()
    if child == 0:
        export(sys.argv[4])
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("the ONNX export failed")
torch.set_num_threads(threads)
model = SentenceTransformer(folder, device="cpu")
model.max_seq_length = max_tokens
answer({"ready": True})
for line in sys.stdin:
    request = json.loads(line)
    began = time.perf_counter()
    vectors = model.encode(request["texts"], batch_size=32, normalize_embeddings=True, show_progress_bar=False)
    seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer({"seconds": seconds, "megabytes": megabytes, "vectors": vectors.tolist() if request["tell"] else None})
