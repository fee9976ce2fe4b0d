"""Trains rerankers on what `bench:seeds -- export` wrote, by PyTorch, and writes the logits they give the judged pairs to LOGITS.

Usage: python seeds.py FOLDER MODEL_DIR LOGITS [--steps 340,1800] [--seeds 17,18,19] [--validations 4,8]. Needs torch, safetensors and,
to be of use, a GPU: a run of 90 minutes on two processor cores takes half a minute. Network, loss, schedule and settings are those
of core/training; the order of the questions, the draw of negatives and dropout come from torch's generator instead of Winnow's own.
"""
import argparse
import json
import math
import pathlib
import random
import sys
import time

import torch
from safetensors.torch import load_file
from torch.nn.functional import gelu, layer_norm, linear, log_softmax, normalize, scaled_dot_product_attention, softmax

ROWS_OF_A_BATCH = 256
HEAD = ("pooler.", "classifier.", "matching.")

arguments = argparse.ArgumentParser()
arguments.add_argument("folder", type=pathlib.Path)
arguments.add_argument("model", type=pathlib.Path)
arguments.add_argument("logits", type=pathlib.Path)
arguments.add_argument("--steps", default="340,1800")
arguments.add_argument("--seeds", default="17,18,19")
arguments.add_argument("--validations", default="4,8", help="how often each number of steps is validated")
options = arguments.parse_args()
numbers = lambda text: [int(number) for number in text.split(",")]
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
data = json.loads((options.folder / "data.json").read_text())
settings, frame = data["settings"], data["frame"]
config = json.loads((options.model / "config.json").read_text())
layers, heads, epsilon = config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"]
rarity = torch.tensor(data["rarity"], device=device)


def start(seed):
    """The encoder's weights with a head that starts from nothing (core/models/families/bert/baseModel.ts)."""
    stored = load_file(options.model / "model.safetensors")
    weights = {name.removeprefix("bert."): value.float() for name, value in stored.items()}
    weights = {name: value for name, value in weights.items() if name.startswith(("embeddings.", "encoder."))}
    weights.pop("embeddings.position_ids", None)
    hidden = config["hidden_size"]
    generator = torch.Generator().manual_seed(seed)
    uniform = lambda *dims: (torch.rand(*dims, generator=generator) * 2 - 1) / math.sqrt(hidden)
    weights["pooler.dense.weight"], weights["pooler.dense.bias"] = uniform(hidden, hidden), uniform(hidden)
    weights["classifier.weight"], weights["classifier.bias"] = torch.zeros(1, hidden), torch.zeros(1)
    weights["matching.scale"], weights["matching.importance.weight"] = torch.ones(1, 1), torch.zeros(1, hidden)
    return {name: value.to(device) for name, value in weights.items()}


def encode(pairs, longest):
    """[CLS] question [SEP] passage [SEP] of each pair of numbers, the passage cut: ids, and where question and passage are."""
    rows, sides = [], []
    for question, passage in pairs:
        a, b = data["questions"][question], data["passages"][passage]
        a = a[: longest - 3]
        b = b[: longest - 3 - len(a)]
        rows.append([frame["first"], *a, frame["separator"], *b, frame["separator"]])
        sides.append(len(a) + 2)
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows], device=device)
    lengths = torch.tensor([[len(row)] for row in rows], device=device)
    places = torch.arange(width, device=device)[None]
    is_question = places < torch.tensor(sides, device=device)[:, None]
    return ids, is_question, (places < lengths) & ~is_question


def forward(weights, ids, is_question, is_passage, dropout=0.0):
    """Logits [pairs] (core/reranker: crossEncoderGraph.ts, apart.ts, matching.ts)."""
    w, hidden = weights, config["hidden_size"]

    def drop(states):
        if dropout == 0:
            return states
        kept = torch.bernoulli(torch.full((len(states), *[1] * (states.dim() - 2), hidden), 1 - dropout, device=device))
        return states * kept / (1 - dropout)

    dense = lambda name, x: linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
    norm = lambda name, x: layer_norm(x, (hidden,), w[f"{name}.weight"], w[f"{name}.bias"], epsilon)
    real = is_question | is_passage
    shift = is_passage.long() * (is_question.sum(1, keepdim=True) - 1)
    places = torch.arange(ids.shape[1], device=device)[None] - shift
    # What is no token has no place of its own either; it is masked everywhere.
    places = places.clamp(0, len(w["embeddings.position_embeddings.weight"]) - 1)
    states = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][places]
    states = drop(norm("embeddings.LayerNorm", states + w["embeddings.token_type_embeddings.weight"][0]))
    no = lambda allowed: torch.zeros(allowed.shape, device=device).masked_fill(~allowed, -1e4)[:, None]
    together = no(real[:, None, :].expand(-1, ids.shape[1], -1))
    apart = no(real[:, None, :] & (is_passage[:, :, None] == is_passage[:, None, :]))
    split = lambda x: x.unflatten(-1, (heads, -1)).transpose(1, 2)
    for layer in range(layers):
        at = f"encoder.layer.{layer}"
        query, key, value = (split(dense(f"{at}.attention.self.{part}", states)) for part in ("query", "key", "value"))
        bias = together if layer == layers - 1 else apart
        attended = scaled_dot_product_attention(query, key, value, attn_mask=bias).transpose(1, 2).flatten(2)
        middle = norm(f"{at}.attention.output.LayerNorm", drop(dense(f"{at}.attention.output.dense", attended)) + states)
        inner = gelu(dense(f"{at}.intermediate.dense", middle))
        states = norm(f"{at}.output.LayerNorm", drop(dense(f"{at}.output.dense", inner)) + middle)
    pooled = (states * real[:, :, None]).sum(1) / real.sum(1, keepdim=True)
    classified = dense("classifier", drop(torch.tanh(dense("pooler.dense", pooled))))[:, 0]
    unit = normalize(states, dim=-1)
    cosines = unit @ unit.transpose(1, 2)
    nearest = softmax(cosines / 0.05 + no(is_passage)[:, 0, None], -1)
    scores = states @ w["matching.importance.weight"][0] + rarity[ids] + no(is_question)[:, 0]
    matches = (softmax(scores, -1) * (nearest * cosines).sum(-1)).sum(-1)
    return classified + 20 * w["matching.scale"][0, 0] * matches


def logits_of(weights, pairs, longest):
    """Logits of many pairs, in their order."""
    order = sorted(range(len(pairs)), key=lambda i: len(data["passages"][pairs[i][1]]))
    result = torch.empty(len(pairs), device=device)
    with torch.no_grad():
        for at in range(0, len(order), ROWS_OF_A_BATCH):
            batch = order[at : at + ROWS_OF_A_BATCH]
            result[batch] = forward(weights, *encode([pairs[i] for i in batch], longest))
    return result.tolist()


def pairs_of(groups):
    return [(group["question"], passage) for group in groups for passage in group["passages"]]


def validation_ndcg(weights, groups):
    """Mean nDCG@10 of the positives in the order that serves, ties against them (core/training/loop/validation.ts)."""
    logits = iter(logits_of(weights, pairs_of(groups), settings["maxTokens"]))
    total = 0.0
    for group in groups:
        scores = [next(logits) + settings["residual"] * (score - group["teacher"][0]) for score in group["teacher"]]
        rank = 1 + sum(score >= scores[0] for score in scores[1:])
        total += 1 / math.log2(1 + rank) if rank <= 10 else 0
    return total / len(groups)


def questions_in_order(groups, seed):
    """Groups without end, each epoch in an order of its own, with at most `passagesPerQuestion` passages."""
    draw = random.Random(seed)
    while True:
        for group in draw.sample(groups, len(groups)):
            negatives = list(range(1, len(group["passages"])))
            most = settings["passagesPerQuestion"] - 1
            yield group, [0, *(draw.sample(negatives, most) if len(negatives) > most else negatives)]


def loss_of(weights, untrained, chosen):
    """Mean listwise loss of some groups, against what served before as far as the lesson says (core/training/loop/targets.ts)."""
    pairs = [(group["question"], group["passages"][i]) for group, places in chosen for i in places]
    batch = encode(pairs, settings["maxTokens"])
    logits = forward(weights, *batch, dropout=settings["dropout"])
    with torch.no_grad():
        before = forward(untrained, *batch)
    total, at = 0.0, 0
    for group, places in chosen:
        teacher = torch.tensor([group["teacher"][i] for i in places], device=device)
        prior = settings["residual"] * (teacher - teacher[0])
        soft = softmax(before[at : at + len(places)] + prior, 0)
        share = 1 - (1 - settings["distillation"]) * soft[0]
        hard = torch.zeros(len(places), device=device)
        hard[0] = 1
        targets = (1 - share) * hard + share * soft
        total = total - (targets * log_softmax(logits[at : at + len(places)] + prior, 0)).sum()
        at += len(places)
    return total / len(chosen)


def rate_at(step, steps, warmup):
    return (step + 1) / warmup if step < warmup else (steps - step) / (steps - warmup + 1)


def train(name, steps, seed, validations):
    torch.manual_seed(seed)
    groups, validation = data["sets"][name]["groups"], data["sets"][name]["validation"]
    weights, untrained = start(seed), start(seed)
    trained = {key: value.requires_grad_() for key, value in weights.items() if "word_embeddings" not in key}
    parts = []
    for is_head, rate in ((False, settings["learningRate"]), (True, settings["headLearningRate"])):
        for decays in (True, False):
            own = [p for key, p in trained.items() if key.startswith(HEAD) == is_head and (p.dim() > 1) == decays]
            parts.append({"params": own, "lr": rate, "peak": rate, "weight_decay": settings["weightDecay"] if decays else 0.0})
    betas = (settings["beta1"], settings["beta2"])
    optimizer = torch.optim.AdamW(parts, betas=betas, eps=settings["epsilon"], fused=device.type == "cuda")
    warmup, every = max(1, round(steps * 0.1)), math.ceil(steps / validations)
    stream = questions_in_order(groups, seed)
    marks, began = [], time.perf_counter()
    for step in range(steps):
        for part in optimizer.param_groups:
            part["lr"] = part["peak"] * rate_at(step, steps, warmup)
        optimizer.zero_grad()
        loss_of(weights, untrained, [next(stream) for _ in range(settings["questionsPerStep"])]).backward()
        torch.nn.utils.clip_grad_norm_(list(trained.values()), settings["maxNorm"])
        optimizer.step()
        if (step + 1) % every == 0 or step + 1 == steps:
            ndcg = validation_ndcg(weights, validation)
            marks.append({"step": step + 1, "validation": ndcg, "logits": judged_logits(weights)})
            print(f"{name}, seed {seed}: step {step + 1} of {steps}, validation {ndcg:.4f}", file=sys.stderr, flush=True)
    return {"set": name, "steps": steps, "seed": seed, "seconds": time.perf_counter() - began, "marks": marks}


def judged_logits(weights):
    return [round(logit, 5) for logit in logits_of(weights, pairs_of(data["judged"]), data["servingTokens"])]


def save():
    options.logits.write_text(json.dumps(result))


where = torch.cuda.get_device_name(0) if device.type == "cuda" else "processor"
untrained_ndcg = {name: validation_ndcg(start(1), own["validation"]) for name, own in data["sets"].items()}
result = {"device": where, "untrained": {"validation": untrained_ndcg, "logits": judged_logits(start(1))}, "runs": []}
print(f"{where}; before training {untrained_ndcg}", file=sys.stderr, flush=True)
save()
for steps, validations in zip(numbers(options.steps), numbers(options.validations), strict=True):
    for seed in numbers(options.seeds):
        for name in data["sets"]:
            result["runs"].append(train(name, steps, seed, validations))
            save()
