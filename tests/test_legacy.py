"""An official pickle is read as data; whatever else a pickle asks for is refused by name, and nothing of it has run."""

import io
import os
import pickle
import pickletools
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pggan_parts import drawn_weights, official_pickle, refusal

from narcissus.core.errors import ModelCorrupt, ModelMismatch, ModelMissing
from narcissus.networks.pggan import legacy
from narcissus.networks.pggan.unpickle import Array, Network, unpickle

TINY = {"resolution": 8, "fmap_base": 8, "fmap_max": 4}


@pytest.fixture(autouse=True)
def canary(tmp_path, monkeypatch):
    """Every test runs in an empty folder and leaves no canary there."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "CANARY"
    assert not (tmp_path / "CANARY").exists(), "something of the pickle has run"


def read(data: bytes):
    with open("given.pkl", "wb") as file:
        file.write(data)
    return legacy.read("given.pkl")


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize("arguments", [{}, {"fused_scale": False, "label_size": 2, "num_channels": 1}])
def test_an_official_pickle_gives_its_running_average(protocol, arguments):
    weights = drawn_weights(3, **TINY, **arguments)
    found = read(official_pickle(weights, protocol))
    assert found.arguments == weights.arguments
    assert found.ignored == {"dtype": "float32"}
    assert all(np.array_equal(found.variables[name], array) for name, array in weights.variables.items())


@pytest.mark.parametrize("stored", ["fused", "unfused", "plain"])
def test_the_recorded_pickles_are_read_though_they_hold_source(shared, stored, canary):
    found = legacy.read(shared / "vectors" / f"pggan-32-{stored}.pkl")
    assert found.arguments.resolution == 32
    assert found.arguments.fused_scale is (stored != "unfused")
    assert not canary.with_name("CANARY_EXECUTED").exists()


def test_absent_arguments_are_those_of_the_reference():
    weights = drawn_weights(3, resolution=4, num_channels=1, fmap_base=8192, fmap_max=512)
    found = read(official_pickle(weights, static_kwargs={"resolution": 4}))
    assert found.arguments == weights.arguments


def test_numbers_that_numpy_stored_are_numbers():
    weights = drawn_weights(3, **TINY)
    given = {"resolution": np.int64(8), "num_channels": 3, "fmap_base": np.int64(8), "fmap_max": 4}
    assert read(official_pickle(weights, static_kwargs=given)).arguments == weights.arguments


def test_the_stored_source_is_dropped_unread():
    _, _, running = unpickle(official_pickle(drawn_weights(**TINY)), "given.pkl")
    assert isinstance(running, Network)
    assert "static_kwargs" in running.state
    assert "build_module_src" not in running.state


class Calls:
    """Pickles as a call."""

    def __init__(self, called, *arguments) -> None:
        self.call = called, arguments

    def __reduce__(self):
        return self.call


def network_that(*state: bytes) -> bytes:
    """An empty tfutil.Network and what is done to it, protocol 2."""
    return b"\x80\x02ctfutil\nNetwork\n)\x81" + b"".join(state) + b"."


EVIL = {
    "os.system": (pickle.dumps(Calls(os.system, "touch CANARY")), f"{os.system.__module__}.system"),
    "eval": (pickle.dumps(Calls(eval, "open('CANARY', 'w')")), "builtins.eval"),
    "exec, old": (pickle.dumps(Calls(exec, "open('CANARY', 'w')"), 0), "__builtin__.exec"),
    "open": (pickle.dumps(Calls(open, "CANARY", "w")), "io.open"),
    "getattr": (pickle.dumps(Calls(getattr, 1, "real")), "builtins.getattr"),
    "numpy.load": (pickle.dumps(Calls(np.load, "CANARY")), "numpy.load"),
    "a method of the stub": (b"\x80\x04\x8c\x06tfutil\x8c\x10Network.__init__\x93.", "tfutil.Network.__init__"),
    "a module of the stub": (b"ctfutil\nos.system\n.", "tfutil.os.system"),
    "numpy through its back door": (b"cnumpy\ncore.multiarray.os.system\n.", "numpy.core.multiarray.os.system"),
    "instance of a class": (b"(S'touch CANARY'\nios\nsystem\n.", "os.system"),
    "inside a network": (network_that(b"}U\x04evilcos\nsystem\n(U\x0ctouch CANARYtRsb"), "os.system"),
    "in a name that is nowhere": (b"cno_such_module\nwhatever\n.", "no_such_module.whatever"),
    "named from the memo": (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94h\x00h\x01\x93.", "os.system"),
    "codecs": (pickle.dumps(b"\xff", 2), "_codecs.encode"),
    "Theano": (b"\x80\x02cnetwork\nNetwork\n)\x81}b.", "Theano"),
    "extension": (b"\x80\x02\x82\x01.", "EXT1"),
    "persistent": (b"Pos.system\n.", "PERSID"),
    "object with keywords": (b"\x80\x04\x8c\x06tfutil\x8c\x07Network\x93)}\x92.", "NEWOBJ_EX"),
}


@pytest.mark.parametrize(("data", "name"), EVIL.values(), ids=EVIL.keys())
def test_anything_else_is_refused_by_its_name_and_has_not_run(data, name):
    loaded = set(sys.modules)
    with pytest.raises(ModelMismatch) as told:
        read(data.ljust(legacy.SMALLEST, b"\0"))
    assert name in str(told.value)
    assert "given.pkl" in str(told.value)
    assert set(sys.modules) == loaded


def test_the_canaries_are_alive(canary):
    """The positive control: Python's own machine does run what is refused above."""
    pickle.loads(EVIL["os.system"][0])
    assert canary.exists()
    canary.unlink()


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
FLOATS = b"cnumpy\ndtype\n(U\x02f4K\x00K\x01tR"
ODD = {
    "a state that is no dict": network_that(b"K\x05b"),
    "a state with slots": network_that(b"}}\x86b"),
    "a call of the stub": b"\x80\x02ctfutil\nNetwork\n(U\x01xtR.",
    "an argument to the stub": b"\x80\x02ctfutil\nNetwork\nK\x01\x85\x81.",
    "an array made as a stub": b"\x80\x02cnumpy\nndarray\n)\x81.",
    "a call of a text": b"\x80\x02U\x02os)R.",
    "an array of objects": b"\x80\x02cnumpy\ndtype\n(U\x02O8K\x00K\x01tR.",
    "an array of records": b"\x80\x02" + FLOATS + b"(K\x03U\x01<U\x01xU\x01yNJ\xff\xff\xff\xffK\x00tb.",
    "an array of another class": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(ctfutil\nNetwork\n(K\x00tU\x01btR.",
    "a state that is no array's": b"\x80\x02" + ARRAY + b"K\x07b.",
    "a shape that is none": b"\x80\x03" + ARRAY + b"(K\x01(J\xff\xff\xff\xfft" + FLOATS + b"\x89C\x00tb.",
    "a key that is no name": b"\x80\x02}K\x01K\x02s.",
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
def test_allowed_names_put_to_another_use_are_refused(data):
    with pytest.raises(ModelMismatch, match=r"given\.pkl"):
        unpickle(data, "given.pkl")


BROKEN = {
    "empty": b"",
    "no end": b"\x80\x04",
    "text": b"this is a text",
    "nothing on the stack": b"\x80\x04.",
    "a mark as result": b"(.",
    "no mark": b"K\x01t.",
    "nothing to call": b"R.",
    "nothing to build": b"K\x01b.",
    "nothing to put": b"q\x00.",
    "recalled before it was stored": b"h\x07.",
    "a name of numbers": b"\x80\x04K\x01K\x02\x93.",
    "an endless string": b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc.",
    "a key without a value": b"}(U\x01au.",
    "an array too short": b"\x80\x03" + ARRAY + b"(K\x01K\x04\x85" + FLOATS + b"\x89C\x04\0\0\0\0tb.",
    "an array of all the memory there is": b"\x80\x03"
    + ARRAY
    + b"(K\x01J\xff\xff\xff\x7f\x85"
    + FLOATS
    + b"\x89C\0tb.",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_whole_pickle_is_called_so(data):
    with pytest.raises(ModelCorrupt, match=r"given\.pkl.*download"):
        unpickle(data, "given.pkl")


def test_a_memo_of_two_thousand_million_places_costs_nothing():
    assert unpickle(b"K\x05r\xff\xff\xff\x7f0j\xff\xff\xff\x7f.", "given.pkl") == 5


def test_a_value_that_holds_itself_is_only_a_value():
    found = unpickle(b"]q\x00h\x00a.", "given.pkl")
    assert found[0] is found


def nested(depth: int, twice: bool) -> list:
    """Lists in lists: each holds the next one, once or twice, so that to spell it out takes 2 ** depth words."""
    value: list = ["the innermost"]
    for _ in range(depth):
        value = [value, value] if twice else [value]
    return value


BOTTOMLESS = {"wide": nested(60, True), "deep": nested(400, False), "long": "word " * 1_000_000, "huge": 10**6000}


@pytest.mark.parametrize("place", ["resolution", "fused_scale", "fmap_max", "dtype", "name", "build_func_name", "lod"])
@pytest.mark.parametrize("value", BOTTOMLESS.values(), ids=BOTTOMLESS.keys())
def test_a_value_that_takes_for_ever_to_spell_is_answered_at_once_in_few_words(value, place):
    weights = drawn_weights(**TINY)
    given = dict(TINY, num_channels=3)
    state = {"name": "Gs"}
    if place in ("name", "build_func_name"):
        state[place] = value
    elif place == "lod":
        weights.variables["lod"] = value
    else:
        given[place] = value
    said = refusal(read, official_pickle(weights, static_kwargs=given, **state))
    assert said is None if place in ("dtype", "name") else len(said) < 400


def test_a_number_without_a_value_is_refused():
    given = dict(TINY, num_channels=3, fmap_max=Array())
    with pytest.raises(ModelMismatch, match="fmap_max"):
        legacy.official({"build_func_name": "G_paper", "static_kwargs": given, "variables": []}, "given.pkl")


def test_an_empty_array_of_impossible_sides_is_no_whole_pickle():
    sides = b"(K\x01K\x00\x8a\x10" + b"\xff" * 15 + b"\x7f\x86"
    with pytest.raises(ModelCorrupt, match="download"):
        unpickle(b"\x80\x03" + ARRAY + sides + FLOATS + b"\x89C\x00tb.", "given.pkl")


@pytest.mark.parametrize("share", np.linspace(0, 0.999, 12))
def test_a_truncated_pickle_is_called_so(share):
    data = official_pickle(drawn_weights(**TINY))
    with pytest.raises(ModelCorrupt, match=r"given\.pkl"):
        read(data[: int(len(data) * share)])


def test_a_missing_pickle_is_said_to_be_missing():
    with pytest.raises(ModelMissing, match=r"none\.pkl"):
        legacy.read("none.pkl")


def wrong_networks():
    weights = drawn_weights(**TINY)
    pairs = list(weights.variables.items())
    yield "another architecture", {"build_func_name": "G_style"}, "G_style"
    yield "no arguments", {"static_kwargs": None}, "static_kwargs"
    yield "impossible arguments", {"static_kwargs": {"resolution": 100}}, "resolution"
    yield "other arguments", {"static_kwargs": {"resolution": 16, "fmap_base": 8, "fmap_max": 4}}, "16x16"
    yield "a variable too few", {"variables": pairs[1:]}, pairs[0][0]
    yield "a variable too many", {"variables": [*pairs, ("more", np.zeros(2, "f"))]}, "more"
    yield "another shape", {"variables": [(pairs[0][0], pairs[0][1][:1]), *pairs[1:]]}, pairs[0][0]
    yield "a text for a variable", {"variables": [(pairs[0][0], "weights"), *pairs[1:]]}, pairs[0][0]
    yield "no pairs", {"variables": ["a", "b"]}, "pairs"


WRONG = list(wrong_networks())


@pytest.mark.parametrize(("state", "word"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_network_that_is_not_what_it_says_is_refused(state, word):
    with pytest.raises(ModelMismatch, match=word):
        read(official_pickle(drawn_weights(**TINY), **state))


def test_weights_that_are_no_numbers_are_refused():
    weights = drawn_weights(**TINY)
    weights.variables["4x4/Conv/bias"][0] = np.inf
    with pytest.raises(ModelCorrupt, match="4x4/Conv/bias"):
        read(official_pickle(weights))


@pytest.mark.parametrize("content", [[], {}, (1, 2, 3), "a text of some length, so that it is not too small" * 3])
def test_a_pickle_of_something_else_is_refused(content):
    with pytest.raises(ModelMismatch, match="G, D, Gs"):
        read(pickle.dumps(content).ljust(legacy.SMALLEST, b"\0"))


PLAIN = [None, True, -(2**70), 3.5, "text", b"bytes", [1, (2, 3, 4, 5)], {"a": {"b": []}}, (1,), (1, 2), ()]


@pytest.mark.parametrize("protocol", [0, 3, 4, 5])
def test_plain_values_are_read_as_python_reads_them(protocol):
    values = [value for value in PLAIN if protocol >= 3 or not isinstance(value, bytes)]
    assert unpickle(pickle.dumps(values, protocol), "given.pkl") == values


def test_an_array_is_read_in_its_own_order():
    wide = np.asfortranarray(np.arange(12, dtype=">f8").reshape(3, 4))
    found = unpickle(pickle.dumps(wide, 4), "given.pkl")
    assert isinstance(found, Array)
    assert np.array_equal(found.value, wide)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_pickles_are_read_or_refused(data):
    """A few seconds: instructions, not weights, are what is damaged, for there the danger lies."""
    whole = official_pickle(drawn_weights(**TINY))
    at = [
        position for _, argument, position in pickletools.genops(io.BytesIO(whole)) if not isinstance(argument, bytes)
    ]
    spoiled = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(at)) + data.draw(st.integers(0, 2))
        spoiled[min(place, len(spoiled) - 1)] = data.draw(st.integers(0, 255))
    message = refusal(read, bytes(spoiled))
    assert message is None or "given.pkl" in message


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.lists(st.sampled_from([bytes([code]) for code in range(256)]) | st.binary(max_size=9), max_size=30))
def test_programs_drawn_by_lot_are_read_or_refused(data):
    """A second."""
    message = refusal(unpickle, b"".join(data) + b".", "given.pkl")
    assert message is None or "given.pkl" in message
