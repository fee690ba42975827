"""A filter of system calls: what no program of a data set needs, and what limits do not bound.

Memory files and System V shared memory would escape the limit of memory; new namespaces would give
a program rights of its own; other address families (such as `AF_VSOCK`) pass the network namespace.
The filter is classic BPF, as `seccomp(2)` and `linux/filter.h` describe it.
"""

from __future__ import annotations

import errno
import platform
import struct

_KILL, _ALLOW, _ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
_NEW_NAMESPACES = 0x7E020080
_LOCAL_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_CLONE3 = 435

# Machine, audit number, clone, socket, and the denied calls: ptrace, memfd_create, shmget, shmat,
# semget, msgget, mq_open, mount, umount2, pivot_root, chroot, unshare, setns, add_key, request_key,
# keyctl, bpf, perf_event_open, userfaultfd, process_vm_readv, process_vm_writev, personality,
# syslog, fanotify_init, name_to_handle_at, open_by_handle_at, kexec_load, init_module,
# finit_module, delete_module, reboot, swapon, quotactl, acct, vmsplice.
_MACHINES: dict[str, tuple[int, int, int, tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E, 56, 41,
        (101, 319, 29, 30, 64, 68, 240, 165, 166, 155, 161, 272, 308, 248, 249, 250, 321, 298, 323,
         310, 311, 135, 103, 300, 303, 304, 246, 175, 313, 176, 169, 167, 179, 163, 278),
    ),
    "aarch64": (
        0xC00000B7, 220, 198,
        (117, 279, 194, 196, 190, 186, 180, 40, 39, 41, 51, 97, 268, 217, 218, 219, 280, 241, 282,
         270, 271, 92, 116, 262, 264, 265, 104, 105, 273, 106, 142, 224, 60, 89, 75),
    ),
}  # fmt: skip
# io_uring (3), open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, pidfd_getfd,
# mount_setattr, memfd_secret: the same number everywhere.
_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447)


def supported() -> bool:
    """Whether the numbers of this machine's system calls are known."""
    return platform.machine() in _MACHINES


def program() -> bytes:
    """The filter for this machine, as bubblewrap reads it.

    Raises:
        KeyError: The machine's numbers are not known; see `supported`.
    """
    audit, clone, socket, denied = _MACHINES[platform.machine()]
    refuse = _ERRNO | errno.EPERM
    lines = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, 0x40000000),  # the x32 numbers, which would pass the rest
        (_RETURN, 0, 0, _KILL),
        (_EQUAL, 0, 1, _CLONE3),  # its flags cannot be read: C libraries fall back to clone
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    for number in (*denied, *_EVERYWHERE):
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, refuse)]
    families = len(_LOCAL_FAMILIES)
    lines += [
        (_EQUAL, 0, 3, clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, families + 4, _NEW_NAMESPACES),
        (_RETURN, 0, 0, refuse),
        (_EQUAL, 0, families + 2, socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *((_EQUAL, families - place, 0, family) for place, family in enumerate(_LOCAL_FAMILIES)),
        (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
