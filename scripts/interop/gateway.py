"""Asks a server through LiteLLM, as gateways and agent frameworks do, and prints what it read as one JSON document.

Usage: python gateway.py http://HOST:PORT
"""
import json
import os
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

litellm.suppress_debug_info = True
BASE = sys.argv[1]
CHAT = {
    "model": "openai/winnow",
    "api_base": f"{BASE}/v1",
    "api_key": "none",
    "messages": [{"role": "user", "content": "what does a Job do?"}],
}
RERANK = {
    "query": "what is red pod",
    "documents": ["the node is blue", "the pod is red", "create a job"],
    "top_n": 2,
    "api_key": "none",
}
RERANKERS = {"cohere": f"{BASE}/v2/rerank", "jina_ai": f"{BASE}/v1/rerank", "hosted_vllm": BASE}

message = litellm.completion(**CHAT).choices[0].message
streamed = {"content": "", "draft": "", "finish": []}
for chunk in litellm.completion(**CHAT, stream=True):
    for choice in chunk.choices:
        streamed["content"] += choice.delta.content or ""
        streamed["draft"] += getattr(choice.delta, "reasoning_content", None) or ""
        streamed["finish"] += [choice.finish_reason] if choice.finish_reason else []
ranked = {
    provider: [
        [result["index"], result["relevance_score"]]
        for result in litellm.rerank(model=f"{provider}/winnow", api_base=base, **RERANK).results
    ]
    for provider, base in RERANKERS.items()
}
try:
    litellm.completion(**{**CHAT, "model": "openai/unknown"})
    unknown = None
except litellm.NotFoundError as error:
    unknown = str(error)
print(
    json.dumps(
        {
            "content": message.content,
            "sources": [annotation["url_citation"]["url"] for annotation in message.annotations],
            "streamed": streamed,
            "ranked": ranked,
            "unknown": unknown,
        }
    )
)
