// Preloaded into a process, makes fsync and fdatasync fail with EIO as often as the file named by FAILING_SYNC says.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int fails(void) {
  const char *name = getenv("FAILING_SYNC");
  FILE *file = name ? fopen(name, "r+") : NULL;
  if (!file) return 0;
  int left = 0;
  if (fscanf(file, "%d", &left) != 1) left = 0;
  if (left > 0) {
    rewind(file);
    fprintf(file, "%-12d", left - 1);
  }
  fclose(file);
  return left > 0;
}

int fsync(int descriptor) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  if (!fails()) return real(descriptor);
  errno = EIO;
  return -1;
}

int fdatasync(int descriptor) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (!fails()) return real(descriptor);
  errno = EIO;
  return -1;
}
