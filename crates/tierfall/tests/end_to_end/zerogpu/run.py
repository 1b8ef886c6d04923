"""Runs a written app.py with the real gradio and spaces, and with what stands here in place of torch and transformers.

    run.py APP
"""

import runpy
import sys
from pathlib import Path

import gradio  # noqa: F401
import spaces  # noqa: F401  before there is a torch, which it would change

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent / "packages"))
runpy.run_path(sys.argv[1], run_name="__main__")
