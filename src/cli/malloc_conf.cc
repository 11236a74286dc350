// Settings of jemalloc, which the program is linked with (docs/decisions/0020-jemalloc.md).

// Pages that the program no longer uses return to the system within half a second. With jemalloc's default of
// ten seconds, the pages freed by one stage and not yet reused by another exceed all memory in use, and
// --memory-limit with it. The environment variable MALLOC_CONF overrides this.
extern "C" {
extern const char* malloc_conf;
[[gnu::visibility("default")]] const char* malloc_conf = "dirty_decay_ms:500";
}
