"""Whether bfloat16 is computed in hardware, and that a processor which is held back is believed."""

import pytest

from narcissus.core import processor


@pytest.fixture
def flags(monkeypatch, tmp_path):
    """Replaces what the machine says of its processor."""
    for name in processor.LIMITS:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "cpuinfo"
    monkeypatch.setattr(processor, "open", lambda _path, **how: file.open(**how), raising=False)
    return lambda words: file.write_text(f"model name\t: x\nflags\t\t: fpu {words} sse\n")


@pytest.mark.parametrize(("words", "found"), [("avx512_bf16", True), ("amx_bf16", True), ("avx2 avx512f", False)])
def test_the_processor_is_asked(flags, words, found):
    flags(words)
    assert processor.multiplies_bfloat16() is found


def test_a_machine_that_says_nothing_multiplies_none(flags):
    assert processor.multiplies_bfloat16() is False


@pytest.mark.parametrize(("held", "found"), [("AVX2", False), ("avx512_core", False), ("AVX512_CORE_BF16", True)])
@pytest.mark.parametrize("name", processor.LIMITS)
def test_a_processor_that_is_held_back_is_believed(flags, monkeypatch, name, held, found):
    flags("avx512_bf16")
    monkeypatch.setenv(name, held)
    assert processor.multiplies_bfloat16() is found
