"""Official pickles read as data, never as programs.

A pickle is a program for a stack machine, and Python's own machine imports and calls whatever the program names. The
one here knows no import and no call. `tfutil.Network` and numpy's names become shells that keep what they are given;
any other name is refused before anything is made of it. The Python source stored in a network is dropped unread.
"""

import io
import math
import pickletools
from dataclasses import dataclass, field

import numpy as np

from narcissus.core.errors import ModelCorrupt, ModelMismatch
from narcissus.core.printable import printable

NETWORK, THEANO = ("tfutil", "Network"), ("network", "Network")
ALLOWED = {
    NETWORK: "Network",
    ("numpy.core.multiarray", "_reconstruct"): "_reconstruct",
    ("numpy._core.multiarray", "_reconstruct"): "_reconstruct",
    ("numpy.core.multiarray", "scalar"): "scalar",
    ("numpy._core.multiarray", "scalar"): "scalar",
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
}
NUMBERS = ("f2", "f4", "f8", "i4", "i8")
SOURCES = ("build_module_src", "build_func_src")


@dataclass(frozen=True, slots=True)
class Name:
    """One of the allowed globals: a word, not the thing it names."""

    word: str


@dataclass(slots=True, eq=False)
class NumpyType:
    """numpy.dtype, of one of NUMBERS."""

    letters: str
    order: str = "<"


@dataclass(slots=True, eq=False)
class Array:
    """numpy.ndarray or a numpy scalar; None until its state has come."""

    value: np.ndarray | None = None


@dataclass(slots=True, eq=False)
class Network:
    """tfutil.Network: the state it was stored with, without its source."""

    state: dict = field(default_factory=dict)


class Mark:
    """What the instruction MARK leaves on the stack."""


def unpickle(data: bytes, where: str):
    """What the pickle in `data` describes, made of plain values and the shells above. `where` names it in errors.

    Raises ModelCorrupt for a pickle that is cut short or makes no sense; ModelMismatch for one that names anything not
    allowed, by its dotted name, or holds what no official network holds.
    """
    machine = Machine(where)
    try:
        for instruction, argument, _ in pickletools.genops(io.BytesIO(data)):
            if instruction.name == "STOP":
                return machine.pop()
            machine.step(instruction.name, argument)
    except (ValueError, OverflowError) as fault:  # pickletools at an unknown instruction or a premature end, numpy
        raise machine.broken(str(fault)) from fault
    raise machine.broken("it has no end")


class Machine:
    """The stack and the memo; one method per instruction, called with what stands beside it in the file."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.stack: list = []
        self.memo: dict[int, object] = {}

    def step(self, name: str, argument) -> None:
        if name in LITERALS:
            self.stack.append(argument)
        elif name in FRESH:
            self.stack.append(FRESH[name]())
        elif name in ACTIONS:
            ACTIONS[name](self, argument)
        else:
            raise self.odd(f"uses the pickle instruction {name}, which no official network needs")

    def broken(self, why: str) -> ModelCorrupt:
        return ModelCorrupt(f"{self.where}: not a whole pickle ({why:.120}); download it again")

    def odd(self, why: str) -> ModelMismatch:
        return ModelMismatch(f"{self.where}: {why}; nothing of it has run; give an official network pickle")

    def pop(self, kind: type | tuple[type, ...] = object):
        found = self.peek(kind)
        del self.stack[-1]
        return found

    def peek(self, kind: type | tuple[type, ...] = object):
        if not self.stack or self.stack[-1] is Mark or not isinstance(self.stack[-1], kind):
            raise self.broken("an instruction does not find what it works on")
        return self.stack[-1]

    def since_mark(self) -> list:
        found = []
        while self.stack:
            value = self.stack.pop()
            if value is Mark:
                return found[::-1]
            found.append(value)
        raise self.broken("a mark is missing")

    def ignore(self, _argument) -> None:
        """PROTO and FRAME: the instructions are the same in every protocol and frame."""

    def mark(self, _argument) -> None:
        self.stack.append(Mark)

    def drop(self, _argument) -> None:
        if not self.stack:
            raise self.broken("nothing to drop")
        del self.stack[-1]

    def drop_to_mark(self, _argument) -> None:
        self.since_mark()

    def double(self, _argument) -> None:
        self.stack.append(self.peek())

    def put(self, index: int) -> None:
        self.memo[index] = self.peek()

    def memoize(self, _argument) -> None:
        self.put(len(self.memo))

    def get(self, index: int) -> None:
        if index not in self.memo:
            raise self.broken("it recalls what it has not stored")
        self.stack.append(self.memo[index])

    def tuple_since_mark(self, _argument) -> None:
        self.stack.append(tuple(self.since_mark()))

    def tuple_of(self, count: int) -> None:
        self.stack.append(tuple([self.pop() for _ in range(count)][::-1]))

    def list_since_mark(self, _argument) -> None:
        self.stack.append(self.since_mark())

    def dict_since_mark(self, _argument) -> None:
        pairs = self.since_mark()
        self.stack.append({})
        self._set(pairs)

    def append(self, _argument) -> None:
        value = self.pop()
        self.peek(list).append(value)

    def appends(self, _argument) -> None:
        values = self.since_mark()
        self.peek(list).extend(values)

    def set_item(self, _argument) -> None:
        value, key = self.pop(), self.pop()
        self._set([key, value])

    def set_items(self, _argument) -> None:
        self._set(self.since_mark())

    def _set(self, pairs: list) -> None:
        """Keys and values in turn, into the dict on top of the stack."""
        target = self.peek(dict)
        if len(pairs) % 2:
            raise self.broken("a key without a value")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if not isinstance(key, str):
                raise self.odd(f"has a {type(key).__name__} where a name belongs")
            target[key] = value

    def name_beside(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._name(module, name)

    def name_on_stack(self, _argument) -> None:
        name, module = self.pop(str), self.pop(str)
        self._name(module, name)

    def _name(self, module: str, name: str) -> None:
        if (module, name) == THEANO:
            raise self.odd("is a network.Network of the older Theano version, a format that is not supported")
        if (module, name) not in ALLOWED:
            raise self.odd(f"asks for {printable(f'{module}.{name}', 120)}, which is refused")
        self.stack.append(Name(ALLOWED[module, name]))

    def call(self, _argument) -> None:
        """REDUCE. Nothing is called: a shell is put in place of what the call would have made."""
        arguments, called = self.pop(tuple), self.pop()
        match called, arguments:
            case Name("dtype"), (str(letters), *_):
                self.stack.append(NumpyType(self._number(letters)))
            case Name("_reconstruct"), (Name("ndarray"), *_):
                self.stack.append(Array())
            case Name("scalar"), (NumpyType() as kind, bytes(data)):
                self.stack.append(Array(self._array((), kind, False, data)))
            case _:
                said = called.word if isinstance(called, Name) else type(called).__name__
                raise self.odd(f"calls {said} with what no official network gives it")

    def _number(self, letters: str) -> str:
        if letters not in NUMBERS:
            raise self.odd(f"holds an array of type {letters!r:.20}; only plain numbers are read")
        return letters

    def new(self, _argument) -> None:
        """NEWOBJ."""
        arguments, called = self.pop(tuple), self.pop()
        if called != Name("Network") or arguments:
            raise self.odd("makes an object that is not an empty tfutil.Network")
        self.stack.append(Network())

    def build(self, _argument) -> None:
        """BUILD: a shell takes its state, checked."""
        state = self.pop()
        match self.peek(), state:
            case Network() as network, dict():
                network.state = {name: value for name, value in state.items() if name not in SOURCES}
            case NumpyType() as kind, (int(), "<" | ">" | "|" as order, None, None, None, *_):
                kind.order = order
            case Array() as array, (int(), tuple(shape), NumpyType() as kind, fortran, bytes(data)):
                array.value = self._array(shape, kind, bool(fortran), data)
            case shell, _:
                raise self.odd(f"gives a {type(shell).__name__} a state that no official network has")

    def _array(self, shape: tuple, kind: NumpyType, fortran: bool, data: bytes) -> np.ndarray:
        if len(shape) > 8 or not all(type(side) is int and side >= 0 for side in shape):
            raise self.odd("holds an array whose shape is no shape")
        dtype = np.dtype(kind.order + kind.letters)
        if math.prod(shape) * dtype.itemsize != len(data):
            raise self.broken(f"an array of shape {shape} has {len(data)} bytes")
        return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


FRESH = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
}
LITERALS = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
    ]
)
ACTIONS = {
    "PROTO": Machine.ignore,
    "FRAME": Machine.ignore,
    "MARK": Machine.mark,
    "POP": Machine.drop,
    "POP_MARK": Machine.drop_to_mark,
    "DUP": Machine.double,
    "PUT": Machine.put,
    "BINPUT": Machine.put,
    "LONG_BINPUT": Machine.put,
    "MEMOIZE": Machine.memoize,
    "GET": Machine.get,
    "BINGET": Machine.get,
    "LONG_BINGET": Machine.get,
    "TUPLE": Machine.tuple_since_mark,
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "LIST": Machine.list_since_mark,
    "DICT": Machine.dict_since_mark,
    "APPEND": Machine.append,
    "APPENDS": Machine.appends,
    "SETITEM": Machine.set_item,
    "SETITEMS": Machine.set_items,
    "GLOBAL": Machine.name_beside,
    "INST": Machine.name_beside,
    "STACK_GLOBAL": Machine.name_on_stack,
    "REDUCE": Machine.call,
    "NEWOBJ": Machine.new,
    "BUILD": Machine.build,
}
