// Everything else is compiled for x86-64-v3; this file is not, so that an older processor gets a sentence instead of
// an illegal instruction. It runs before main and before any of our other code.

#include "CProcessorCheck.h"

#if defined(__x86_64__)
#include <unistd.h>

__attribute__((constructor(101))) static void check_processor(void) {
    static const char message[] = "athena-lite needs a processor with AVX2, BMI and FMA (x86-64-v3)\n";
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("fma") && __builtin_cpu_supports("pclmul"))
        return;
    if (write(2, message, sizeof message - 1) < 0) _exit(2);
    _exit(1);
}
#endif
