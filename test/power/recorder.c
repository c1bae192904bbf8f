// Preloaded into a process, records what it does to the files whose names begin with RECORD_FILES, in the file RECORD_TO:
// for each operation a head of five 64-bit numbers (operation, file, offset, length, 0) and the bytes that were written.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE = 2, SYNC = 3, UNLINK = 4 };
enum { MAX_DESCRIPTORS = 65536 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int recording = -1;
static char file_of[MAX_DESCRIPTORS];

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

// 1 for the database, 2 for its log (-wal), 3 for its rollback journal, 4 for their folder; 0 for whatever needs no record.
static char file_named(const char *name) {
  const char *prefix = getenv("RECORD_FILES");
  if (!prefix) return 0;
  const size_t folder = (size_t)(strrchr(prefix, '/') - prefix);
  if (strlen(name) == folder && strncmp(name, prefix, folder) == 0) return 4;
  if (strncmp(name, prefix, strlen(prefix)) != 0) return 0;
  const char *rest = name + strlen(prefix);
  if (*rest == 0) return 1;
  if (strcmp(rest, "-wal") == 0) return 2;
  return strcmp(rest, "-journal") == 0 ? 3 : 0;
}

static void put(const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t done = syscall(SYS_write, recording, at, length);
    if (done <= 0) abort();
    at += done;
    length -= (size_t)done;
  }
}

static void record(int64_t operation, char file, int64_t offset, int64_t length, const void *bytes) {
  if (recording < 0) {
    recording = open(getenv("RECORD_TO"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (recording < 0) abort();
  }
  const int64_t head[5] = {operation, file, offset, length, 0};
  put(head, sizeof head);
  if (bytes) put(bytes, (size_t)length);
}

static char known(int descriptor) {
  return descriptor >= 0 && descriptor < MAX_DESCRIPTORS ? file_of[descriptor] : 0;
}

static void opened(int descriptor, const char *name) {
  if (descriptor >= 0 && descriptor < MAX_DESCRIPTORS) file_of[descriptor] = file_named(name);
}

// What is done and its record are one step: the record has the order in which the files saw it.
#define RECORDED(descriptor, call, succeeded, operation, offset, length, bytes) \
  char file = known(descriptor); \
  if (!file) return call; \
  pthread_mutex_lock(&lock); \
  __typeof__(call) result = call; \
  if (succeeded) record(operation, file, offset, length, bytes); \
  pthread_mutex_unlock(&lock); \
  return result

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    int descriptor = real(path, flags, mode); \
    opened(descriptor, path); \
    return descriptor; \
  }
OPEN(open)
OPEN(open64)

int close(int descriptor) {
  REAL(close);
  if (descriptor >= 0 && descriptor < MAX_DESCRIPTORS) file_of[descriptor] = 0;
  return real(descriptor);
}

#define PWRITE(name, offset_type) \
  ssize_t name(int descriptor, const void *bytes, size_t length, offset_type offset) { \
    REAL(name); \
    RECORDED(descriptor, real(descriptor, bytes, length, offset), result > 0, WRITE, offset, result, bytes); \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int descriptor, const void *bytes, size_t length) {
  REAL(write);
  int64_t offset = known(descriptor) ? lseek(descriptor, 0, SEEK_CUR) : 0;
  RECORDED(descriptor, real(descriptor, bytes, length), result > 0, WRITE, offset, result, bytes);
}

#define TRUNCATE_TO(name, offset_type) \
  int name(int descriptor, offset_type length) { \
    REAL(name); \
    RECORDED(descriptor, real(descriptor, length), result == 0, TRUNCATE, length, 0, NULL); \
  }
TRUNCATE_TO(ftruncate, off_t)
TRUNCATE_TO(ftruncate64, off64_t)

#define SYNCS(name) \
  int name(int descriptor) { \
    REAL(name); \
    RECORDED(descriptor, real(descriptor), result == 0, SYNC, 0, 0, NULL); \
  }
SYNCS(fsync)
SYNCS(fdatasync)

int unlink(const char *path) {
  REAL(unlink);
  char file = file_named(path);
  if (!file) return real(path);
  pthread_mutex_lock(&lock);
  int result = real(path);
  if (result == 0) record(UNLINK, file, 0, 0, NULL);
  pthread_mutex_unlock(&lock);
  return result;
}
