"""Trains chord-tiny and writes the two GGUF files, tokenizer.json, reference.json and eval.txt.

    python3 train.py MINUTES        on one CUDA GPU; needs torch, numpy and tokenizers

A Llama: 8 layers of 256, 4 heads over 2 of keys and values, gated feed-forward of 768, tied embeddings, and a
byte-level BPE of 4096 tokens trained on the same text. OUT names the folder to write to.
"""

import json
import math
import multiprocessing
import os
import random
import struct
import sys
import time

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import generate_text as gen

START = time.time()


def log(*a):
    print(f"[{time.time()-START:6.1f}s]", *a, flush=True)


def chunk(seed):
    r = random.Random(seed)
    out = []
    n = 0
    while n < 8_000_000:
        d = gen.document(r)
        out.append(d)
        n += len(d.encode())
    return "".join(out)


V = 4096
DIM = 256
L = 8
H = 4
KV = 2
FF = 768
CTX = 1024
EPS = 1e-5
THETA = 10000.0
HD = DIM // H
OUT = os.environ.get("OUT", ".")
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def make_tok(texts):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    t.decoder = decoders.ByteLevel()
    tr = trainers.BpeTrainer(
        vocab_size=V,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=2,
        show_progress=False,
    )
    t.train_from_iterator(texts, tr)
    return t


TEMPLATE = (
    "{%- if tools %}{{- '<|im_start|>system\\n' }}{%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] }}{%- else %}{{- 'You are a helpful assistant.' }}{%- endif %}"
    "{{- '\\n\\n# Tools\\n\\nYou can call these functions, one JSON object per line:\\n<tools>' }}{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}"
    '{{- \'\\n</tools>\\n\\nTo call a function, answer with its name and its arguments:\\n<tool_call>\\n{"name": NAME, "arguments": OBJECT}\\n</tool_call><|im_end|>\\n\' }}'
    "{%- elif messages[0]['role'] == 'system' %}{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}{%- endif %}"
    "{%- for message in messages %}{%- if message['role'] == 'user' or (message['role'] == 'assistant' and not message.get('tool_calls')) %}{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{%- elif message['role'] == 'assistant' %}{{- '<|im_start|>assistant' }}{%- for call in message['tool_calls'] %}{{- '\\n<tool_call>\\n{\"name\": \"' + call['function']['name'] + '\", \"arguments\": ' }}{{- call['function']['arguments'] | tojson if call['function']['arguments'] is not string else call['function']['arguments'] }}{{- '}\\n</tool_call>' }}{%- endfor %}{{- '<|im_end|>\\n' }}"
    "{%- elif message['role'] == 'tool' %}{{- '<|im_start|>user\\n<tool_response>\\n' + message['content'] + '\\n</tool_response><|im_end|>\\n' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)


def gguf(path, sd, tok, ftype):
    def s(x):
        b = x.encode()
        return struct.pack("<Q", len(b)) + b

    kv = []

    def add(k, t, v):
        if t == "u32":
            kv.append(s(k) + struct.pack("<II", 4, v))
        elif t == "f32":
            kv.append(s(k) + struct.pack("<If", 6, v))
        elif t == "bool":
            kv.append(s(k) + struct.pack("<IB", 7, v))
        elif t == "str":
            kv.append(s(k) + struct.pack("<I", 8) + s(v))
        elif t == "astr":
            kv.append(s(k) + struct.pack("<IIQ", 9, 8, len(v)) + b"".join(map(s, v)))
        elif t == "ai32":
            kv.append(s(k) + struct.pack("<IIQ", 9, 5, len(v)) + struct.pack(f"<{len(v)}i", *v))

    inv = sorted(((i, t) for t, i in tok.get_vocab().items()))
    toks = [t for _, t in inv]
    merges = json.loads(tok.to_str())["model"]["merges"]
    merges = [m if isinstance(m, str) else " ".join(m) for m in merges]
    add("general.architecture", "str", "llama")
    add("general.name", "str", "Chord Tiny")
    add("general.size_label", "str", "7M")
    add("general.license", "str", "mit")
    add(
        "general.description",
        "str",
        "A 7M-parameter model for demos and tests, trained on generated text: small stories, capitals, arithmetic, JSON and tool calls.",
    )
    add("llama.context_length", "u32", CTX)
    add("llama.embedding_length", "u32", DIM)
    add("llama.block_count", "u32", L)
    add("llama.feed_forward_length", "u32", FF)
    add("llama.attention.head_count", "u32", H)
    add("llama.attention.head_count_kv", "u32", KV)
    add("llama.attention.layer_norm_rms_epsilon", "f32", EPS)
    add("llama.rope.dimension_count", "u32", HD)
    add("llama.rope.freq_base", "f32", THETA)
    add("llama.vocab_size", "u32", len(toks))
    add("general.file_type", "u32", {"f16": 1, "q8_0": 7, "f32": 0}[ftype])
    add("tokenizer.ggml.model", "str", "gpt2")
    add("tokenizer.ggml.pre", "str", "smollm")
    add("tokenizer.ggml.tokens", "astr", toks)
    add("tokenizer.ggml.token_type", "ai32", [3 if t in SPECIAL else 1 for t in toks])
    add("tokenizer.ggml.merges", "astr", merges)
    add("tokenizer.ggml.bos_token_id", "u32", 0)
    add("tokenizer.ggml.eos_token_id", "u32", 2)
    add("tokenizer.ggml.padding_token_id", "u32", 0)
    add("tokenizer.ggml.add_bos_token", "bool", 0)
    add("tokenizer.chat_template", "str", TEMPLATE)
    add("general.alignment", "u32", 32)
    ten = []
    off = 0
    blobs = []
    for n, a in sd.items():
        a = np.asarray(a, np.float32)
        if a.ndim == 1 or ftype == "f32":
            ty = 0
            b = a.tobytes()
        elif ftype == "f16":
            ty = 1
            b = a.astype(np.float16).tobytes()
        else:
            ty = 8
            x = a.reshape(-1, 32)
            d = np.abs(x).max(1) / 127.0
            d16 = d.astype(np.float16)
            inv_d = np.where(d > 0, 1 / np.maximum(d, 1e-30), 0)
            q = np.rint(x * inv_d[:, None]).astype(np.int8)
            rec = np.zeros(len(x), dtype=[("d", "<f2"), ("q", "i1", 32)])
            rec["d"] = d16
            rec["q"] = q
            b = rec.tobytes()
        ten.append(
            s(n)
            + struct.pack("<I", a.ndim)
            + struct.pack(f"<{a.ndim}Q", *reversed(a.shape))
            + struct.pack("<IQ", ty, off)
        )
        pad = (-len(b)) % 32
        blobs.append(b + b"\0" * pad)
        off += len(b) + pad
    head = b"GGUF" + struct.pack("<IQQ", 3, len(ten), len(kv)) + b"".join(kv) + b"".join(ten)
    head += b"\0" * ((-len(head)) % 32)
    open(path, "wb").write(head + b"".join(blobs))
    log("wrote", path, os.path.getsize(path))


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 5
    nchunk = int(os.environ.get("CHUNKS", "96"))
    with multiprocessing.Pool(16) as p:
        texts = p.map(chunk, range(1000, 1000 + nchunk))
    val = chunk(1)[:2_000_000]
    log("text", sum(map(len, texts)) / 1e6, "MB")
    tok = make_tok([d for t in texts[:6] for d in t.split("<|endoftext|>")])
    log("vocab", tok.get_vocab_size())

    def enc(t):
        parts = t.split("<|endoftext|>")
        e = tok.encode_batch([p + "<|endoftext|>" for p in parts if p], add_special_tokens=False)
        return np.concatenate([np.asarray(x.ids, np.uint16) for x in e])

    data = np.concatenate([enc(t) for t in texts])
    vd = enc(val)
    log("tokens", len(data) / 1e6, "M; chars/token", len(val) / len(vd))
    # Here, not above: the pool's processes must not load it.
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.manual_seed(0)
    torch.set_float32_matmul_precision("high")
    dev = "cuda"
    pos = torch.arange(CTX, dtype=torch.float32)
    fr = 1.0 / (THETA ** (torch.arange(0, HD, 2).float() / HD))
    ang = torch.outer(pos, fr).to(dev)
    COS, SIN = ang.cos(), ang.sin()

    def rope(x, c, s):
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack((a * c - b * s, a * s + b * c), -1).flatten(-2)

    class Norm(nn.Module):
        def __init__(s):
            super().__init__()
            s.weight = nn.Parameter(torch.ones(DIM))

        def forward(s, x):
            y = x.float()
            return (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + EPS)).to(x.dtype) * s.weight

    class Block(nn.Module):
        def __init__(s):
            super().__init__()
            lin = lambda i, o: nn.Linear(i, o, bias=False)
            s.an, s.fn = Norm(), Norm()
            s.q, s.k, s.v, s.o = lin(DIM, H * HD), lin(DIM, KV * HD), lin(DIM, KV * HD), lin(H * HD, DIM)
            s.g, s.u, s.d = lin(DIM, FF), lin(DIM, FF), lin(FF, DIM)

        def forward(s, x):
            B, T, _ = x.shape
            h = s.an(x)
            c, si = COS[:T], SIN[:T]
            q = rope(s.q(h).view(B, T, H, HD).transpose(1, 2), c, si)
            k = rope(s.k(h).view(B, T, KV, HD).transpose(1, 2), c, si)
            v = s.v(h).view(B, T, KV, HD).transpose(1, 2)
            k = k.repeat_interleave(H // KV, 1)
            v = v.repeat_interleave(H // KV, 1)
            x = x + s.o(
                F.scaled_dot_product_attention(q.to(v.dtype), k.to(v.dtype), v, is_causal=True)
                .transpose(1, 2)
                .reshape(B, T, -1)
            )
            h = s.fn(x)
            return x + s.d(F.silu(s.g(h)) * s.u(h))

    class LM(nn.Module):
        def __init__(s):
            super().__init__()
            s.e = nn.Embedding(V, DIM)
            s.b = nn.ModuleList(Block() for _ in range(L))
            s.n = Norm()
            for n, p in s.named_parameters():
                if p.dim() > 1:
                    nn.init.normal_(p, std=0.02 / (math.sqrt(2 * L) if n.endswith(("o.weight", "d.weight")) else 1))

        def forward(s, i):
            x = s.e(i)
            for b in s.b:
                x = b(x)
            return s.n(x) @ s.e.weight.T

    m = LM().to(dev)
    log("params", sum(p.numel() for p in m.parameters()) / 1e6, "M")
    cm = torch.compile(m)
    D = torch.from_numpy(data.astype(np.int32)).to(dev)
    VD = torch.from_numpy(vd.astype(np.int32)).to(dev)
    B, T = 192, 512
    dec = [p for p in m.parameters() if p.dim() > 1]
    nd = [p for p in m.parameters() if p.dim() == 1]
    opt = torch.optim.AdamW(
        [{"params": dec, "weight_decay": 0.1}, {"params": nd, "weight_decay": 0}],
        lr=1e-3,
        betas=(0.9, 0.95),
        fused=True,
    )
    ar = torch.arange(T + 1, device=dev)

    def batch(X):
        st = torch.randint(0, len(X) - T - 1, (B, 1), device=dev)
        b = X[st + ar].long()
        return b[:, :-1], b[:, 1:]

    limit = minutes * 60
    step = 0
    t1 = time.time()
    frac = 0
    while frac < 1:
        frac = (time.time() - t1) / limit
        lr = 2e-3 * min(1, step / 200) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, frac))))
        for g in opt.param_groups:
            g["lr"] = lr
        x, y = batch(D)
        with torch.autocast("cuda", torch.bfloat16):
            loss = F.cross_entropy(cm(x).float().view(-1, V), y.reshape(-1))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        opt.step()
        step += 1
        if step % 500 == 0:
            with torch.no_grad(), torch.autocast("cuda", torch.bfloat16):
                vl = (
                    sum(
                        F.cross_entropy(cm(a).float().view(-1, V), b.reshape(-1)).item()
                        for a, b in [batch(VD) for _ in range(4)]
                    )
                    / 4
                )
            log(
                "step",
                step,
                "loss",
                round(loss.item(), 4),
                "val",
                round(vl, 4),
                "lr",
                round(lr, 6),
                "Mtok",
                step * B * T / 1e6,
            )
    sd = {"token_embd.weight": m.e.weight}
    for i, b in enumerate(m.b):
        p = f"blk.{i}."
        sd.update(
            {
                p + "attn_norm.weight": b.an.weight,
                p + "attn_q.weight": b.q.weight,
                p + "attn_k.weight": b.k.weight,
                p + "attn_v.weight": b.v.weight,
                p + "attn_output.weight": b.o.weight,
                p + "ffn_norm.weight": b.fn.weight,
                p + "ffn_gate.weight": b.g.weight,
                p + "ffn_up.weight": b.u.weight,
                p + "ffn_down.weight": b.d.weight,
            }
        )
    sd["output_norm.weight"] = m.n.weight
    sd = {k: v.detach().float().cpu().numpy() for k, v in sd.items()}
    gguf(OUT + "/chord-tiny-f16.gguf", sd, tok, "f16")
    gguf(OUT + "/chord-tiny-q8_0.gguf", sd, tok, "q8_0")
    open(OUT + "/tokenizer.json", "w").write(tok.to_str())
    # reference: weights rounded to f16, evaluated in float32
    with torch.no_grad():
        for p in m.parameters():
            if p.dim() > 1:
                p.copy_(p.half().float())
        torch.set_float32_matmul_precision("highest")
        m.eval()
        refs = []

        def run(ids, n):
            ids = list(ids)
            first = None
            for _ in range(n):
                lg = m(torch.tensor([ids[-CTX:]], device=dev))[0, -1].float()
                if first is None:
                    first = lg
                t = int(lg.argmax())
                ids.append(t)
                if t in (0, 2):
                    break
            return ids, first

        P = [
            "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>user\nTell me a story about a cat and a boat.<|im_end|>\n<|im_start|>assistant\n",
            "Once upon a time",
            "<|im_start|>user\nWrite JSON for a dog named Max who is 3 years old.<|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>user\nWhat is 7 + 5?<|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>user\nSay thank you in Japanese.<|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>user\nShow me a fox emoji.<|im_end|>\n<|im_start|>assistant\n",
            gen.render(gen.tool_task(random.Random(5))[:2]) + "<|im_start|>assistant\n",
        ]
        for p in P:
            ids = tok.encode(p, add_special_tokens=False).ids
            full, first = run(ids, 160)
            txt = tok.decode(full[len(ids) :], skip_special_tokens=False)
            top = first.topk(20)
            refs.append(
                {
                    "prompt": p,
                    "prompt_ids": ids,
                    "greedy_ids": full[len(ids) :],
                    "greedy_text": txt,
                    "first_top20": [[int(i), float(v)] for v, i in zip(top.values, top.indices)],
                }
            )
            log(repr(p[-60:]), "->", repr(txt[:300]))
        x, y = VD[: CTX * 8].view(8, CTX).long(), VD[1 : CTX * 8 + 1].view(8, CTX).long()
        nll = F.cross_entropy(m(x).view(-1, V), y.reshape(-1)).item()
        log("val nll f32", nll, "ppl", math.exp(nll))
        json.dump(
            {
                "model": "chord-tiny-f16.gguf",
                "note": "greedy continuations and first-step logits computed in float32 with PyTorch from the f16 weights",
                "references": refs,
                "val_nll_1024": nll,
            },
            open(OUT + "/reference.json", "w"),
            ensure_ascii=False,
            indent=1,
        )
        ok = 0
        for co, ci in gen.CAPITALS:
            ids = tok.encode(
                f"<|im_start|>user\nWhat is the capital of {co}?<|im_end|>\n<|im_start|>assistant\n",
                add_special_tokens=False,
            ).ids
            full, _ = run(ids, 24)
            ok += ci in tok.decode(full[len(ids) :])
        log("capitals right", ok, "of", len(gen.CAPITALS))
    open(OUT + "/eval.txt", "wb").write(val.encode()[:60_000])


if __name__ == "__main__":
    main()
