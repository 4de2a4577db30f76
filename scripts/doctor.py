"""Look the installation over: see narcissus/app/doctor.py, which the command `narcissus-doctor` runs as well.

python scripts/doctor.py [--config FILE] [--json]
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from narcissus.app.doctor import main

if __name__ == "__main__":
    sys.exit(main())
