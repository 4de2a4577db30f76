"""Everything that can go wrong and that we can say something about.

    NarcissusError
    ├── ConfigError            a setting is unknown, of the wrong type or out of range       exit 78
    ├── ModelError             a model file cannot be used                                   exit 78
    │   ├── ModelMissing       it is not there
    │   ├── ModelCorrupt       its bytes are not those its sidecar names, or cannot be read
    │   └── ModelMismatch      it was made for another generator, library version or format
    ├── SourceError            a camera, video or photo cannot be read                       exit 66
    │   ├── SourceMissing      no such file or device
    │   └── SourceEnded        a finite source has been played to its end (not a fault)
    ├── NoFace                 a picture that must hold a face holds none                    exit 65
    ├── DrawingError           the generator drew nothing that may be shown                  exit 70
    │   ├── NotFinite          the network answered NaN or Inf; the next picture may be well again
    │   ├── OutOfMemory        the GPU is full; a smaller picture may fit
    │   └── DeviceLost         the GPU's context is gone; only a new process gets another
    ├── ColonyError            the creatures' file cannot be opened, read or written         exit 73
    └── ScreenError            no display can be opened                                      exit 69

Every message names the thing, says what is wrong, and ends with what mends it. The exit codes are those of sysexits.h;
systemd reads 78 as "restarting will not help".
"""


class NarcissusError(Exception):
    """The root of the tree; `exit_code` is what an entry script returns for it."""

    exit_code = 1


class ConfigError(NarcissusError):
    exit_code = 78  # EX_CONFIG


class ModelError(NarcissusError):
    exit_code = 78  # EX_CONFIG: the installation must be changed


class ModelMissing(ModelError):
    pass


class ModelCorrupt(ModelError):
    pass


class ModelMismatch(ModelError):
    pass


class SourceError(NarcissusError):
    exit_code = 66  # EX_NOINPUT


class SourceMissing(SourceError):
    pass


class SourceEnded(SourceError):
    pass


class NoFace(NarcissusError):
    exit_code = 65  # EX_DATAERR


class ColonyError(NarcissusError):
    exit_code = 73  # EX_CANTCREAT


class ScreenError(NarcissusError):
    exit_code = 69  # EX_UNAVAILABLE


class DrawingError(NarcissusError):
    exit_code = 70  # EX_SOFTWARE


class NotFinite(DrawingError):
    pass


class OutOfMemory(DrawingError):
    pass


class DeviceLost(DrawingError):
    pass
