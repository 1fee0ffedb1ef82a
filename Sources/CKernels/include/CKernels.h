// Bit tricks that Swift cannot express, and glibc calls that `import Glibc` does not show.
// Everything here is small, static inline where it is called per value, and has a Swift fallback or oracle.
#ifndef ATHENA_LITE_CKERNELS_H
#define ATHENA_LITE_CKERNELS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "TextScan.h"

/// Brings the cache line of `address` near for reading.
static inline __attribute__((always_inline)) void ck_prefetch(const void *address) {
    __builtin_prefetch(address, 0, 3);
}

/// Brings the cache line of `address` near for writing.
static inline __attribute__((always_inline)) void ck_prefetch_write(void *address) {
    __builtin_prefetch(address, 1, 3);
}

/// The first place of `needle` in `text`, or NULL; an empty needle is found at the start. Reads nothing outside of both.
const void *ck_find(const void *text, size_t textCount, const void *needle, size_t needleCount);

/// Raises malloc's mmap and trim thresholds so that freed memory is kept (first-touch page faults are the cost).
void ck_tune_malloc(void);

/// The lowest address of the calling thread's stack and the stack's size; 0 when unknown.
int ck_stack_bounds(uintptr_t *lowest, size_t *size);

/// Unpacks `count` (a multiple of 8) values of `width` bits (1 to 25), least significant bit first. Reads up to 16
/// bytes past the packed ones. Returns 0, having done nothing, where the processor's way is not known.
#if defined(__AVX2__)
#include <immintrin.h>
static inline int ck_unpack32(const uint8_t *packed, uint32_t *values, long count, int width) {
    uint8_t shuffle[32];
    uint32_t shifts[8];
    int half = (4 * width) >> 3; // The upper lane starts at value 4.
    for (int value = 0; value < 8; value++) {
        int bit = value * width, first = bit >> 3, base = value < 4 ? 0 : half;
        for (int byte = 0; byte < 4; byte++) shuffle[value * 4 + byte] = (uint8_t)(first - base + byte);
        shifts[value] = bit & 7;
    }
    __m256i order = _mm256_loadu_si256((const __m256i *)shuffle);
    __m256i shift = _mm256_loadu_si256((const __m256i *)shifts);
    __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
    for (long group = 0; group < count / 8; group++, packed += width, values += 8) {
        __m256i bytes = _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)packed)),
            _mm_loadu_si128((const __m128i *)(packed + half)), 1);
        _mm256_storeu_si256(
            (__m256i *)values,
            _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(bytes, order), shift), mask));
    }
    return 1;
}
#else
static inline int ck_unpack32(const uint8_t *packed, uint32_t *values, long count, int width) {
    (void)packed; (void)values; (void)count; (void)width;
    return 0;
}
#endif

#endif
