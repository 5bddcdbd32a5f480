# Calls that ordinary tools make seldom, each checked by what it returns. Arguments: a directory of the
# mount, and its cache policy.
import errno, fcntl, os, random, struct, sys, time

os.chdir(sys.argv[1])

os.mkdir("dir")
fd = os.open("dir", os.O_TMPFILE | os.O_RDWR, 0o600)
os.write(fd, b"nameless")
# With a directory descriptor python calls linkat(2), which can follow.
os.link("/proc/self/fd/%d" % fd, "named", src_dir_fd=fd, follow_symlinks=True)
os.close(fd)
assert open("named", "rb").read() == b"nameless"

os.setxattr("named", "user.k", b"v" * 60000)
assert os.getxattr("named", "user.k") == b"v" * 60000
assert os.listxattr("named") == ["user.k"]
try:
    os.setxattr("named", "user.k", b"", os.XATTR_CREATE)
    assert False
except OSError as e:
    assert e.errno == errno.EEXIST
os.removexattr("named", "user.k")
assert os.listxattr("named") == []

f = open("named", "r+b")
FLAGS_GET, FLAGS_SET, VERSION, XATTR_GET, XATTR_SET, TRIM = (
    0x80086601, 0x40086602, 0x80087601, 0x801C581F, 0x401C5820, 0xC0185879)
before = os.stat("named").st_ctime_ns
time.sleep(0.05)
fcntl.ioctl(f, FLAGS_SET, struct.pack("i", 0x40))
assert struct.unpack("i", fcntl.ioctl(f, FLAGS_GET, b"\0" * 4))[0] == 0x40
deadline = time.time() + 5
# With the writeback cache the kernel keeps the times of a file itself, and takes none from the server.
while sys.argv[2] != "WRITEBACK" and os.stat("named").st_ctime_ns == before:
    assert time.time() < deadline, "ctime of a flag change was never seen"
assert struct.unpack("l", fcntl.ioctl(f, VERSION, b"\0" * 8))[0] == 7
x = list(struct.unpack("IIIII8x", fcntl.ioctl(f, XATTR_GET, b"\0" * 28)))
x[0], x[1] = x[0] | 0x800, 65536
fcntl.ioctl(f, XATTR_SET, struct.pack("IIIII8x", *x))
assert struct.unpack("IIIII8x", fcntl.ioctl(f, XATTR_GET, b"\0" * 28))[1] == 65536
d = os.open(".", os.O_RDONLY)
assert struct.unpack("QQQ", fcntl.ioctl(d, TRIM, struct.pack("QQQ", 0, 2**64 - 1, 0)))[1] == 4096
try:
    fcntl.ioctl(f, 0x5401, b"\0" * 64)
    assert False
except OSError as e:
    assert e.errno == errno.ENOTTY

os.posix_fallocate(f.fileno(), 0, 100000)
assert os.fstat(f.fileno()).st_size == 100000
assert os.lseek(f.fileno(), 5, os.SEEK_HOLE) == 100000
assert os.lseek(f.fileno(), 5, os.SEEK_DATA) == 5
os.lseek(f.fileno(), 0, os.SEEK_SET)
g = open("copy", "w+b")
assert os.copy_file_range(f.fileno(), g.fileno(), 8) == 8
assert os.pread(g.fileno(), 100, 0) == b"nameless"
os.fsync(g.fileno())
os.fdatasync(g.fileno())
os.fsync(d)
os.sync()
assert os.statvfs(".").f_bavail == 1 << 18
os.truncate("copy", 3)
assert open("copy", "rb").read() == b"nam"
os.utime("copy", ns=(1, 1234567890123456789))
assert os.stat("copy").st_mtime_ns == 1234567890123456789
os.umask(0o027)
os.close(os.open("masked", os.O_CREAT | os.O_WRONLY, 0o666))
assert os.stat("masked").st_mode & 0o777 == 0o640

# An open file outlives its name.
os.unlink("copy")
assert os.pread(g.fileno(), 100, 0) == b"nam"
assert os.fstat(g.fileno()).st_nlink == 0

# Listings stay right while they are cached: against a plain set.
random.seed(7)
model = set()
os.mkdir("list")
for step in range(3000):
    name = "list/%03d" % random.randrange(200)
    kind = random.randrange(4)
    if kind == 0 and name in model:
        os.unlink(name)
        model.discard(name)
    elif kind == 1 and name in model:
        to = "list/%03d" % random.randrange(200)
        os.rename(name, to)
        model.discard(name)
        model.add(to)
    elif kind == 2 and not os.path.exists(name):
        os.symlink("x", name)
        os.unlink(name)
        open(name, "w").close()
        model.add(name)
    elif step % 5 == 0:
        seen = {"list/" + e for e in os.listdir("list")}
        assert seen == model, (step, seen ^ model)
assert len({e.inode() for e in os.scandir("list")}) == len(model)
print("well")
