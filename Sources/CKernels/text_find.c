#include "CKernels.h"

#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>

// Places whose first and last bytes fit are found 32 (or 16) at a time; only they are compared. The last round starts
// early enough to end with the text, so it may look at some places twice.
#define FIND(WIDTH, VECTOR, SPLAT, LOAD, EQUAL, AND, MASK)                                             \
    if (starts >= WIDTH) {                                                                             \
        const VECTOR first = SPLAT((char)wanted[0]), last = SPLAT((char)wanted[needleCount - 1]);      \
        for (size_t place = 0;; place += WIDTH) {                                                      \
            if (place + WIDTH > starts) place = starts - WIDTH;                                        \
            VECTOR heads = LOAD((const VECTOR *)(bytes + place));                                      \
            VECTOR tails = LOAD((const VECTOR *)(bytes + place + needleCount - 1));                    \
            unsigned hits = (unsigned)MASK(AND(EQUAL(heads, first), EQUAL(tails, last)));              \
            for (; hits != 0; hits &= hits - 1) {                                                      \
                const unsigned char *hit = bytes + place + (unsigned)__builtin_ctz(hits);              \
                if (memcmp(hit + 1, wanted + 1, needleCount - 2) == 0) return hit;                     \
            }                                                                                          \
            if (place + WIDTH == starts) return NULL;                                                  \
        }                                                                                              \
    }

const void *ck_find(const void *text, size_t textCount, const void *needle, size_t needleCount) {
    const unsigned char *bytes = text, *wanted = needle;
    if (needleCount == 0) return text;
    if (textCount < needleCount) return NULL;
    if (needleCount == 1) return memchr(text, wanted[0], textCount);
    size_t starts = textCount - needleCount + 1;
    FIND(32, __m256i, _mm256_set1_epi8, _mm256_loadu_si256, _mm256_cmpeq_epi8, _mm256_and_si256, _mm256_movemask_epi8)
    FIND(16, __m128i, _mm_set1_epi8, _mm_loadu_si128, _mm_cmpeq_epi8, _mm_and_si128, _mm_movemask_epi8)
    for (size_t place = 0; place < starts; place++) {
        if (bytes[place] == wanted[0] && bytes[place + needleCount - 1] == wanted[needleCount - 1] &&
            memcmp(bytes + place + 1, wanted + 1, needleCount - 2) == 0)
            return bytes + place;
    }
    return NULL;
}

#else

const void *ck_find(const void *text, size_t textCount, const void *needle, size_t needleCount) {
    return memmem(text, textCount, needle, needleCount);
}

#endif
