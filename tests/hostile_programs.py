"""Programs that attack the sandbox; each would pass `assert answer() == SECRET` if it could.

The secret stands in the environment, in files and on a local server of the test, never in the text
of the program: `@HOME@`, `@PORT@` and `@SOCKET@` are filled in by the test.
"""

from __future__ import annotations

_ANY_FD = "for fd in range(64):\n    try: os.write(fd, TEXT)\n    except OSError: pass\n"

FORGERS = {
    "ends before the tests": "import os\nos._exit(0)",
    "ends politely": "import sys\nsys.exit(0)",
    "ends when asked": "import os\ndef answer():\n    os._exit(0)",
    "prints a verdict": "print('{\"passed\": 1, \"error\": null}')\nprint('OK')",
    "writes a verdict everywhere": (
        'import os\nTEXT = b\'{"passed": 1, "error": null}\\n\'\n' + _ANY_FD + "os._exit(0)"
    ),
    "writes garbage everywhere": "import os\nTEXT = b'\\xff\\x00[[['*1000\n" + _ANY_FD,
    "sends malformed values": (
        'import os\nTEXT = b\'{"value": ["h", "x"]}\\n{"value": ["s", [["l", []]]]}\\n\'\n'
        + _ANY_FD
    ),
    "equals everything": (
        "class Yes:\n    def __eq__(self, other): return True\n"
        "    def __ne__(self, other): return False\n    __hash__ = None\n"
        "def answer(): return Yes()"
    ),
    "a text that equals everything": (
        "class Yes(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__\n"
        "    def __str__(self): return self\ndef answer(): return Yes('no')"
    ),
    "a list that equals everything": (
        "class Yes(list):\n    def __eq__(self, other): return True\n"
        "    def __iter__(self): return iter([self])\ndef answer(): return Yes()"
    ),
    "lies about its class": (
        "class Yes:\n    __class__ = str\n    def __eq__(self, other): return True\n"
        "    def __instancecheck__(self, other): return True\ndef answer(): return Yes()"
    ),
    "a class instead of a function": (
        "class answer:\n    def __eq__(self, other): return True\n"
        "    def __getattr__(self, name): return lambda *a: True"
    ),
    "patches built-ins": (
        "import builtins\nbuiltins.AssertionError = type('E', (Exception,), {})\n"
        "builtins.compile = lambda *a, **k: 'pass'\nbuiltins.exec = lambda *a, **k: None\n"
        "builtins.__import__ = None\nbuiltins.open = None\ndef answer(): return 1"
    ),
    "patches sys.exit, os and json": (
        "import os, sys, json\nsys.exit = os._exit = lambda *a: None\n"
        'json.dumps = lambda *a, **k: \'{"passed": 1, "error": null}\'\ndef answer(): return 1'
    ),
    "patches the harness": (
        "import sys\nfor name, module in list(sys.modules.items()):\n"
        "    if name.startswith('inside') or name == '__main__':\n"
        "        for key in list(vars(module)):\n"
        "            if not key.startswith('__'): setattr(module, key, lambda *a, **k: True)\n"
        "def answer(): return 1"
    ),
    "imports the harness": "import inside.checks\ninside.checks.run = None\ndef answer(): return 1",
    "traces every frame": (
        "import sys\nseen = []\ndef trace(frame, event, arg):\n    seen.append(str(frame.f_locals))\n"
        "    return trace\nsys.settrace(trace)\ndef answer(): return ''.join(seen)[-40:]"
    ),
    "walks frames and objects": (
        "import gc, sys\ndef answer():\n    frame = sys._getframe()\n    found = []\n"
        "    while frame: found.append(repr(frame.f_globals)); frame = frame.f_back\n"
        "    texts = [o for o in gc.get_objects() if isinstance(o, str)]\n"
        "    return next((t for t in texts + found if t.startswith('secret-')), 'none')"
    ),
    "registers atexit": (
        "import atexit, os\natexit.register(lambda: os._exit(0))\nraise SystemExit(0)"
    ),
    "raises what passes for an end": (
        "class SystemExit(Exception): pass\ndef answer(): raise SystemExit(0)"
    ),
    "stops an iteration": "def answer(): raise StopIteration('ok')",
    "raises what cannot be shown": (
        "class Odd(Exception):\n    def __str__(self): raise KeyboardInterrupt\n"
        "def answer(): raise Odd()"
    ),
    "returns itself": "def answer():\n    a = []\n    a.append(a)\n    return a",
    "returns a deep value": (
        "def answer():\n    a = []\n    for _ in range(100000): a = [a]\n    return a"
    ),
    "returns a huge value": "def answer(): return 'x' * 50_000_000",
    "returns a huge number": "def answer(): return 10 ** 2_000_000",
    "replaces itself": "import sys\nsys.modules['solution'] = None\nsys.modules.clear()",
}

READERS = {
    "reads the environment": "import os\ndef answer(): return os.environ.get('SANDBOX_SECRET')",
    "reads environments in /proc": (
        "import glob\ndef answer():\n    found = ''\n"
        "    for p in glob.glob('/proc/*/environ') + glob.glob('/proc/*/cmdline'):\n"
        "        try: found += open(p, errors='replace').read()\n        except OSError: pass\n"
        "    place = found.find('secret-')\n    return found[place:place + 39]"
    ),
    "reads a file of the home": "def answer(): return open('@HOME@/key').read()",
    "reads it through a link": (
        "import os\nos.symlink('@HOME@/key', '/tmp/x')\ndef answer(): return open('/tmp/x').read()"
    ),
    "reads it through /proc": (
        "import glob\ndef answer():\n    for root in glob.glob('/proc/*/root'):\n"
        "        try: return open(root + '@HOME@/key').read()\n        except OSError: pass"
    ),
    "searches the whole tree": (
        "import os\ndef answer():\n    for folder, _, files in os.walk('/'):\n"
        "        if folder.startswith(('/proc', '/usr', '/lib')): continue\n"
        "        if 'key' in files: return open(folder + '/key').read()"
    ),
    "reads /etc/shadow": (
        "def answer():\n    return open('@HOME@/key').read() if open('/etc/shadow').read() else 1"
    ),
    "connects to a local server": (
        "import socket\ndef answer():\n"
        "    return socket.create_connection(('127.0.0.1', @PORT@), 2).recv(99).decode()"
    ),
    "connects to a local socket": (
        "import socket\ndef answer():\n    s = socket.socket(socket.AF_UNIX)\n    s.settimeout(2)\n"
        "    s.connect('@SOCKET@')\n    return s.recv(99).decode()"
    ),
    "connects to an abstract socket": (
        "import socket\ndef answer():\n    s = socket.socket(socket.AF_UNIX)\n    s.settimeout(2)\n"
        "    s.connect('\\0@ABSTRACT@')\n    return s.recv(99).decode()"
    ),
    "opens a socket of the host": (
        "import socket\ndef answer():\n    return socket.socket(40, socket.SOCK_STREAM) and "
        "open('@HOME@/key').read()"
    ),
    "inherits files": (
        "import os\ndef answer():\n    for fd in range(3, 256):\n"
        "        try: text = os.pread(fd, 99, 0).decode()\n        except (OSError, ValueError): continue\n"
        "        if 'secret-' in text: return text"
    ),
}

VANDALS = {
    "writes outside": (
        "for p in ('@HOME@/new', '/usr/lib/new', '/sandbox/new', '/etc/new', '/new', '/home/new',\n"
        "          '/root/new', '/dev/new', '/sandbox/inside/checks.py'):\n"
        "    try: open(p, 'w').write('x'); WROTE = 1\n    except OSError: pass\n"
        "def answer(): return open('@HOME@/key').read()"
    ),
    "deletes everything": (
        "import os, shutil\nfor p in os.listdir('/'): shutil.rmtree('/' + p, ignore_errors=True)\n"
        "shutil.rmtree('@HOME@', ignore_errors=True)"
    ),
    "changes modes and links": (
        "import os\nfor act in (lambda: os.chmod('/usr/lib', 0o777), lambda: os.link('@HOME@/key', '/tmp/k'),\n"
        "            lambda: os.rename('/home', '/tmp/home'), lambda: os.mknod('/tmp/d', 0o60666, 0x800)):\n"
        "    try: act()\n    except OSError: pass\ndef answer(): return open('/tmp/k').read()"
    ),
    "mounts and makes namespaces": (
        "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n"
        "results = [c.unshare(0x10000000), c.unshare(0x20000), c.mount(b'none', b'/home', b'tmpfs', 0, 0),\n"
        "           c.chroot(b'/tmp'), c.umount2(b'/tmp', 2)]\n"
        "def answer(): return open('@HOME@/key').read() if 0 in results else 'none'"
    ),
    "traces its parent": (
        "import ctypes, os\nc = ctypes.CDLL(None)\nresults = [c.ptrace(16, os.getppid(), 0, 0), c.ptrace(0, 0, 0, 0)]\n"
        "def answer(): return open('@HOME@/key').read() if 0 in results else 'none'"
    ),
    "kills everything": (
        "import os, signal\nfor p in (os.getppid(), 1, -1, 0):\n"
        "    try: os.kill(p, signal.SIGKILL)\n    except OSError: pass"
    ),
    "raises its limits": (
        "import os, resource\nfor name in dir(resource):\n    if name.startswith('RLIMIT_'):\n"
        "        try: resource.setrlimit(getattr(resource, name), (-1, -1))\n"
        "        except (ValueError, OSError): pass\n"
        "for act in (os.setuid, os.setgid):\n    try: act(0)\n    except OSError: pass\n"
        "x = bytearray(3_000_000_000)\ndef answer(): return open('@HOME@/key').read()"
    ),
    "starts a shell": (
        "import os, subprocess\nos.system('cat @HOME@/key')\n"
        "def answer(): return subprocess.check_output(['/bin/cat', '@HOME@/key']).decode()"
    ),
}

HOGS = {
    "a fork bomb": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
    "a fork bomb that waits": (
        "import os, time\nfor _ in range(1000):\n    try:\n        if not os.fork(): time.sleep(60)\n"
        "    except OSError: pass\ntime.sleep(60)"
    ),
    "a thread bomb": (
        "import threading, time\nwhile True:\n    try: threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "    except RuntimeError: pass"
    ),
    "a memory bomb": "x = []\nwhile True: x.append(bytearray(50_000_000))",
    "a memory bomb of many processes": (
        "import os, time\nfor _ in range(20):\n    if not os.fork():\n        x = bytearray(400_000_000)\n"
        "        time.sleep(60)\ntime.sleep(60)"
    ),
    "memory in files of memory": (
        "import os\nmade = []\nwhile True:\n    fd = os.memfd_create('x')\n    made.append(fd)\n"
        "    os.write(fd, bytes(30_000_000))"
    ),
    "memory in shared files": (
        "n = 0\nwhile True:\n    n += 1\n    open(f'/dev/shm/{n}', 'wb').write(bytes(1_000_000))"
    ),
    "a full disk": (
        "n = 0\nwhile True:\n    n += 1\n    open(f'/tmp/{n}', 'wb').write(bytes(1_000_000))"
    ),
    "files without end": (
        "import os\nfor _ in range(4): os.fork()\nos.mkdir(f'/tmp/{os.getpid()}')\n"
        "os.chdir(f'/tmp/{os.getpid()}')\nn = 0\nwhile True:\n    n += 1\n    os.mknod(str(n))"
    ),
    "a large file": "f = open('/tmp/x', 'wb')\nwhile True: f.write(bytes(1_000_000)); f.flush()",
    "an endless loop": "while True: pass",
    "an endless answer": "def answer():\n    while True: pass",
    "endless values": (
        "def answer():\n    return Endless()\nclass Endless:\n    def __iter__(self): return self\n"
        "    def __next__(self): return 1\n    def __getattr__(self, name): return self\n"
        "    def __eq__(self, other): return True"
    ),
    "ignored signals": (
        "import signal, time\nfor s in range(1, 64):\n    try: signal.signal(s, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nwhile True: time.sleep(60)"
    ),
    "zombies": (
        "import os, time\nfor _ in range(20):\n    if not os.fork(): os._exit(0)\ntime.sleep(60)"
    ),
    "a daemon that stays": (
        "import os, time\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n"
        "        time.sleep(600)\n    os._exit(0)\ndef answer(): return 1"
    ),
    "endless recursion": (
        "import sys\nsys.setrecursionlimit(10 ** 9)\ndef answer(): return answer()"
    ),
    "a crash": "import ctypes\ndef answer(): return ctypes.string_at(0)",
    "reads its input": "import sys\nsys.stdin.read()\ninput()",
    "compiles without end": "exec('(' * 100000)\neval('-' * 10 ** 6 + '1')",
}

PRINTERS = {
    "prints without end": "while True: print('x' * 1000)",
    "prints one line without end": "import sys\nwhile True: sys.stdout.write('x' * 1000)",
    "complains without end": "import sys\nwhile True: sys.stderr.write('x' * 1000)",
    "prints what is no text": "import os\nos.write(1, b'\\xff\\xfe\\x00' * 1000)\nraise SystemExit(1)",
    "leaves a child that prints": (
        "import os\nif not os.fork():\n    while True: os.write(1, b'x' * 1000)\nos._exit(1)"
    ),
}
"""These run as scripts, as only a script's output is read."""
