//! Tries to leave the confinement of a worker, for this crate's tests: each attempt is a line: its name, a
//! tab, and `allowed` or the kernel's word for the refusal.
//!
//! ```text
//! confined confined|free FOLDER PORT PID
//! ```
//!
//! The folder holds `model`, `neighbour`, `spare`, the folder `state` and the listening `socket`; the port is that of a TCP listener; the process
//! is one of the same user. Called `free`, it tries the same without the confinement.

use std::env::args;
use std::ffi::c_void;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{ptr, thread};

use engine::confine::{self, Room};

/// More than the bound, and less than any machine has.
const BEYOND: usize = 96 << 20;
const BOUND: u64 = 64 << 20;

fn main() {
    let arguments: Vec<String> = args().skip(1).collect();
    let [mode, folder, port, pid] = arguments.as_slice() else {
        return eprintln!("confined confined|free FOLDER PORT PID");
    };
    let (folder, port) = (PathBuf::from(folder), port.parse().expect("a port"));
    let pid: libc::pid_t = pid.parse().expect("a process");
    let is_confined = mode == "confined";
    if is_confined {
        let room = Room { model: &folder.join("model"), folder: Some(&folder.join("state")) };
        let confinement = confine::enter(room);
        confine::bound_memory(BOUND);
        println!("files\t{}", confinement.files);
        println!("calls\t{}", confinement.calls);
        numbers();
    }
    within(&folder);
    files(&folder);
    connections(&folder, port);
    processes(pid);
    memory();
}

fn tell<T>(name: &str, tried: io::Result<T>) {
    match tried {
        Ok(_) => println!("{name}\tallowed"),
        Err(error) => println!("{name}\t{error}"),
    }
}

/// What a worker does.
fn within(folder: &Path) {
    let read = |path: &Path| fs::read(path).map(drop);
    tell("own: read the model", read(&folder.join("model")));
    let kept = folder.join("state/kept");
    tell("own: write in its folder", fs::write(&kept, "kept"));
    tell("own: move in its folder", fs::rename(&kept, folder.join("state/moved")));
    tell("own: list its folder", fs::read_dir(folder.join("state")).map(Iterator::count));
    tell("own: remove from its folder", fs::remove_file(folder.join("state/moved")));
    tell("own: start a thread", thread::Builder::new().spawn(|| {}).map(|thread| thread.join()));
    tell(
        "own: talk to itself",
        UnixStream::pair().and_then(|(mut one, mut other)| {
            one.write_all(b"x")?;
            other.read(&mut [0])
        }),
    );
}

fn files(folder: &Path) {
    tell("read a file of the system", fs::read("/etc/passwd"));
    tell("read a file beside the model", fs::read(folder.join("neighbour")));
    tell("list the folder of the model", fs::read_dir(folder));
    tell("write into the model", OpenOptions::new().write(true).open(folder.join("model")));
    tell("make a file", File::create(folder.join("made")));
    tell("read the memory of a process", File::open("/proc/self/mem"));
    tell("make a folder", fs::create_dir(folder.join("folder")));
    tell("make a link", symlink("/etc/passwd", folder.join("link")));
    tell("move a file", fs::rename(folder.join("neighbour"), folder.join("moved")));
    tell("remove a file", fs::remove_file(folder.join("spare")));
    tell("change a mode", fs::set_permissions(folder.join("model"), Permissions::from_mode(0o600)));
}

fn connections(folder: &Path, port: u16) {
    tell("connect over TCP", TcpStream::connect(("127.0.0.1", port)));
    tell("send over UDP", UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.send_to(b"x", ("127.0.0.1", port))));
    tell("connect to a socket", UnixStream::connect(folder.join("socket")));
    tell("listen on another socket", UnixListener::bind(folder.join("another")));
    tell("make a datagram socket", UnixDatagram::pair());
}

fn processes(pid: libc::pid_t) {
    tell("start a program", Command::new("/bin/true").status());
    // SAFETY: the child does nothing but end, and waiting for it writes nowhere.
    tell("fork", unsafe {
        match libc::fork() {
            0 => libc::_exit(0),
            child => {
                // The signal of its end must not come later: where this process is traced, it would stop at it for ever.
                libc::waitpid(child, ptr::null_mut(), 0);
                outcome(i64::from(child))
            }
        }
    });
    // SAFETY: signal 0 only asks whether it could be sent.
    tell("signal a process", outcome(i64::from(unsafe { libc::kill(pid, 0) })));
    // SAFETY: takes no memory; 19 is the lowest priority.
    let lowered = unsafe { libc::setpriority(libc::PRIO_PROCESS, pid.unsigned_abs(), 19) };
    tell("lower the priority of a process", outcome(i64::from(lowered)));
    // SAFETY: takes no memory. Whoever started this process becomes its tracer, which stops it at its next program.
    tell("be traced", outcome(unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) }));
}

fn memory() {
    tell("take memory beyond the bound", map(BEYOND, libc::PROT_READ | libc::PROT_WRITE));
    tell("make memory executable", map(4096, libc::PROT_READ | libc::PROT_EXEC));
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: reads `limit`, which outlives the call.
    tell("raise the bound", outcome(i64::from(unsafe { libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) })));
}

fn map(length: usize, protection: libc::c_int) -> io::Result<*mut c_void> {
    // SAFETY: a map of its own, anywhere, that nobody uses.
    let map =
        unsafe { libc::mmap(ptr::null_mut(), length, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0) };
    if map == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(map) }
}

fn outcome(returned: i64) -> io::Result<()> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Calls that the kernel would refuse for their arguments, each with another word than that it has no such call.
fn numbers() {
    let calls = [
        ("execve", libc::SYS_execve),
        ("execveat", libc::SYS_execveat),
        ("clone3", libc::SYS_clone3),
        ("ptrace", libc::SYS_ptrace),
        ("process_vm_readv", libc::SYS_process_vm_readv),
        ("process_vm_writev", libc::SYS_process_vm_writev),
        ("pidfd_open", libc::SYS_pidfd_open),
        ("pidfd_send_signal", libc::SYS_pidfd_send_signal),
        ("rt_sigqueueinfo", libc::SYS_rt_sigqueueinfo),
        ("open_by_handle_at", libc::SYS_open_by_handle_at),
        ("mount", libc::SYS_mount),
        ("unshare", libc::SYS_unshare),
        ("setns", libc::SYS_setns),
        ("chroot", libc::SYS_chroot),
        ("bpf", libc::SYS_bpf),
        ("perf_event_open", libc::SYS_perf_event_open),
        ("io_uring_setup", libc::SYS_io_uring_setup),
        ("keyctl", libc::SYS_keyctl),
        ("add_key", libc::SYS_add_key),
        ("kexec_load", libc::SYS_kexec_load),
        ("init_module", libc::SYS_init_module),
        ("userfaultfd", libc::SYS_userfaultfd),
        ("memfd_create", libc::SYS_memfd_create),
        ("socket", libc::SYS_socket),
        ("connect", libc::SYS_connect),
        ("sendmsg", libc::SYS_sendmsg),
        ("sendmmsg", libc::SYS_sendmmsg),
        ("seccomp", libc::SYS_seccomp),
    ];
    for (name, call) in calls {
        // SAFETY: every argument is zero or null, and the filter refuses the call before the kernel reads them.
        tell(&format!("call {name}"), outcome(unsafe { libc::syscall(call, 0, 0, 0, 0, 0, 0) }));
    }
    let error = Command::new("/bin/true").exec();
    println!("become a program\t{error}");
}
