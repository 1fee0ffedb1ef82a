// Bit tricks that Swift cannot express, and glibc calls that `import Glibc` does not show.
// Everything here is small, static inline where it is called per value, and has a Swift fallback or oracle.
#ifndef ATHENA_LITE_CKERNELS_H
#define ATHENA_LITE_CKERNELS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Brings the cache line of `address` near for reading.
static inline __attribute__((always_inline)) void ck_prefetch(const void *address) {
    __builtin_prefetch(address, 0, 3);
}

/// Brings the cache line of `address` near for writing.
static inline __attribute__((always_inline)) void ck_prefetch_write(void *address) {
    __builtin_prefetch(address, 1, 3);
}

/// glibc's memmem, which `import Glibc` hides.
const void *ck_memmem(const void *haystack, size_t haystackCount, const void *needle, size_t needleCount);

/// Raises malloc's mmap and trim thresholds so that freed memory is kept (first-touch page faults are the cost).
void ck_tune_malloc(void);

/// The lowest address of the calling thread's stack and the stack's size; 0 when unknown.
int ck_stack_bounds(uintptr_t *lowest, size_t *size);

/// 1 when the processor has what the program was built for.
int ck_processor_is_supported(void);

#endif
