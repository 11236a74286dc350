/* Preloaded into forebay by tests of a bad world:
   FAIL_CALL=close, write or fsync: that call fails with EIO for files whose path contains FAIL_PATH;
   CLOCK_BACK_S=N: the wall clock is N seconds behind; ahead, if N is negative. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int fails(const char* call, int fd) {
  const char* which = getenv("FAIL_CALL");
  const char* part = getenv("FAIL_PATH");
  char name[64], path[4096];
  if (which == NULL || part == NULL || strcmp(which, call) != 0) return 0;
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(name, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  return strstr(path, part) != NULL;
}

int close(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "close");
  int failing = fails("close", fd);
  int result = real(fd);
  if (!failing) return result;
  errno = EIO;
  return -1;
}

ssize_t write(int fd, const void* data, size_t size) {
  static ssize_t (*real)(int, const void*, size_t);
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
  if (!fails("write", fd)) return real(fd, data, size);
  errno = EIO;
  return -1;
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  if (!fails("fsync", fd)) return real(fd);
  errno = EIO;
  return -1;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  static int (*real)(clockid_t, struct timespec*);
  if (real == NULL) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, now);
  const char* back = getenv("CLOCK_BACK_S");
  if (result == 0 && clock == CLOCK_REALTIME && back != NULL) now->tv_sec -= atol(back);
  return result;
}
