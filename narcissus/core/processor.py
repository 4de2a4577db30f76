"""What this processor computes in hardware, as far as it decides how we compute."""

import os

# Of the instruction sets to which oneDNN, TensorFlow's library, can be held by name: those that know no bfloat16.
WITHOUT = ("SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI")
COUNTED = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # read once, when first imported
LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")  # environment variables of oneDNN, the new name and the old


def multiplies_bfloat16() -> bool:
    """Whether it multiplies bfloat16, and may; without, bfloat16 is slower than float32 or not computed at all."""
    if any(os.environ.get(name, "").upper() in WITHOUT for name in LIMITS):
        return False
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            flags = next((line.split() for line in file if line.startswith("flags")), ())
    except OSError:  # not Linux
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def keep_to(threads: int) -> None:
    """Let the libraries that compute use so many cores; to be said before the first of them is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ |= dict.fromkeys(COUNTED, str(threads)) | {"TF_NUM_INTEROP_THREADS": "1"}
