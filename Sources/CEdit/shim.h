#include <histedit.h>
#include <editline/readline.h>

// Swift 6 does not let code write C globals; libedit is used by the shell's thread alone.
static inline void ce_set_completion(rl_completion_func_t *function) { rl_attempted_completion_function = function; }
static inline void ce_end_completion(void) { rl_attempted_completion_over = 1; }
