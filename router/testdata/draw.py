"""Reference values of the assignment draw, from Python's hashlib.

    python3 draw.py > draw.json
"""
import hashlib
import json

salts = ["", "a", "support-bot/2026-11-rag/exposure", "support-bot/2026-11-rag/arm",
         "support-bot/2026-11-rag/holdout", "support-bot/2026-11-rag/judge", "客服/发布/arm"]
units = ["", "0", "1", "2", "a", "b", ":", "1:a", "user-1", "user-2", "User-1", " user-1",
         "018f3b6e-5c1a-7d2e-9f00-2b6c1a9d4e77", "018f3b6e-5c1a-7d2e-9f00-2b6c1a9d4e78",
         "王小明", "王小红", "e\u0301", "\u00e9", "\U0001f642", "tab\there", "x" * 250, "x" * 251, "长" * 400]


def bits(salt, unit):
    salt, unit = salt.encode(), unit.encode()
    digest = hashlib.sha256(b"%d:%s:%s" % (len(salt), salt, unit)).digest()
    return int.from_bytes(digest[:8], "big") >> 11


def case(salt, unit):
    b = bits(salt, unit)
    return json.dumps({"input": {"salt": salt, "unit": unit}, "expected": {"bits": b, "u": b / 2**53}})


print('{"method": "Assignment draw: first 53 bits of SHA-256 over <byte length of salt>:<salt>:<unit>, divided by 2^53",')
print(' "reference": "Python 3.11 hashlib: python3 draw.py > draw.json",')
print(' "convention": "salt and unit are UTF-8; bits is the integer, u is bits / 2^53, exact",')
print(' "cases": [\n  ' + ",\n  ".join(case(s, u) for s in salts for u in units) + "\n]}")
