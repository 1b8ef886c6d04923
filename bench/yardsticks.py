"""The servers that the engine is measured beside, built from the source release of the Python package llama-cpp-python: it
holds all of llama.cpp, its own server among it. Built once, and kept under target/.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

VERSION = "0.3.36"
PACKAGE = f"llama-cpp-python=={VERSION}"


class Yardsticks:
    """Where the two servers are."""

    def __init__(self, folder):
        self.folder = folder / f"llama-cpp-python-{VERSION}"
        self.build = self.folder / "build"
        self.python = self.folder / "venv" / "bin" / "python"

    @property
    def llama_server(self):
        return self.build / "bin" / "llama-server"

    def python_environment(self):
        """The package's own Python code over the library that llama-server was built with: the two differ in the server alone."""
        return os.environ | {"LLAMA_CPP_LIB_PATH": str(self.build / "bin")}

    def make(self):
        if not self.llama_server.exists():
            self._make_llama_server(self._source())
        if not self.python.exists():
            self._make_venv()
        return self

    def _source(self):
        source = self.folder / "source"
        if source.exists():
            return source
        downloads = self.folder / "download"
        say(f"fetching {PACKAGE}'s source release")
        run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "llama-cpp-python",
            "--dest", downloads, PACKAGE)
        archive = next(downloads.glob("*.tar.gz"))
        with tarfile.open(archive) as packed:
            packed.extractall(self.folder, filter="data")
        next(self.folder.glob("llama_cpp_python-*")).rename(source)
        return source

    def _make_llama_server(self, source):
        say("building llama-server: minutes, once")
        options = {"CMAKE_BUILD_TYPE": "Release", "GGML_NATIVE": "ON", "BUILD_SHARED_LIBS": "ON", "LLAMA_CURL": "OFF",
                   "LLAMA_OPENSSL": "OFF", "LLAMA_BUILD_TESTS": "OFF", "LLAMA_BUILD_EXAMPLES": "OFF", "LLAMA_BUILD_WEBUI": "OFF"}
        given = [f"-D{name}={value}" for name, value in options.items()]
        run("cmake", "-S", source / "vendor" / "llama.cpp", "-B", self.build, *given)
        run("cmake", "--build", self.build, "--target", "llama-server", "--parallel", str(os.cpu_count()))

    def _make_venv(self):
        say("installing llama-cpp-python's own server")
        venv = self.folder / "venv"
        try:
            run(sys.executable, "-m", "venv", venv)
            environment = os.environ | {"CMAKE_ARGS": "-DLLAMA_BUILD=OFF"}
            run(venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-binary", "llama-cpp-python",
                f"llama-cpp-python[server]=={VERSION}", env=environment)
        except BaseException:
            shutil.rmtree(venv, ignore_errors=True)
            raise


def say(what):
    print(f"{what} …", file=sys.stderr, flush=True)


def run(*command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{Path(command[0]).name} failed:\n{done.stdout[-2000:]}")
