"""The two proxies that are measured beside each other, and the scripted upstream that both stand in front of."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from processes import free_port, running

REPOSITORY = Path(__file__).resolve().parent.parent
CORES = len(os.sched_getaffinity(0))

NGINX = """
{user}
worker_processes {cores};
daemon off;
pid {folder}/nginx.pid;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  upstream wall {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} reuseport backlog=1024;
    location / {{
      proxy_pass http://wall;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }}
  }}
}}
"""


def tools(*names):
    """Where nginx is. It and `names` are installed where that can be done without asking."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    missing = [name for name in ("nginx", *names) if not shutil.which(name, path=path)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "--yes", "--quiet", *missing], check=True, stdout=subprocess.DEVNULL)
    elif missing:
        sys.exit(f"{' and '.join(missing)} missing: sudo apt-get install {' '.join(missing)}")
    return shutil.which("nginx", path=path)


def build(binary):
    if binary:
        return binary.resolve()
    subprocess.run([os.environ.get("CARGO", "cargo"), "build", "--release", "--quiet"], cwd=REPOSITORY, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    return (target / "release" / "tierfall").resolve()


def start_wall(stack, binary, folder):
    """Its port and its process."""
    port = free_port()
    command = [binary, "wall", "--listen", f"127.0.0.1:{port}", "--threads", str(CORES), "--quiet"]
    return port, stack.enter_context(running(command, port, folder / "wall.log"))


def start_nginx(stack, binary, folder, upstream):
    """Its port and its process."""
    port = free_port()
    # As root, nginx would hand its work to a user who cannot enter the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(user=user, cores=CORES, folder=folder, upstream=upstream, port=port))
    command = [binary, "-p", folder, "-c", config, "-e", "stderr"]
    return port, stack.enter_context(running(command, port, folder / "nginx.log"))


def start_tierfall(stack, binary, folder, upstream, models, **settings):
    """Its port and its process. A tier for each of `models`: `tier-1`, `tier-2`, ..."""
    port = free_port()
    base = f"http://127.0.0.1:{upstream}/v1"
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "TIERFALL_DATA_DIR": str(folder / "data")}
    for number, model in enumerate(models, 1):
        environment |= {f"TIER{number}_TYPE": "space", f"TIER{number}_BASE_URL": base, f"TIER{number}_MODEL": model}
    command = [binary, "serve", "--listen", f"127.0.0.1:{port}"]
    options = {"cwd": folder, "env": environment | settings, "stdout": subprocess.DEVNULL}
    return port, stack.enter_context(running(command, port, folder / "tierfall.log", **options))
