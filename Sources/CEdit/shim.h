#include <histedit.h>
#include <editline/readline.h>

// Swift 6 does not let code write C globals; libedit is used by the shell's thread alone.
static inline void ce_set_completion(rl_completion_func_t *function) { rl_attempted_completion_function = function; }
static inline void ce_end_completion(void) { rl_attempted_completion_over = 1; }

// Words end at operators and brackets, so that `a,b` and `f(x` complete their last name; `.` and `\` belong to words.
static inline void ce_set_words(void) {
    static char breaks[] = " \t\n\"'`@$><=;|&{}(),+-*/%[]!";
    rl_basic_word_break_characters = breaks;
    rl_completer_word_break_characters = breaks;
}

// `function` runs at Ctrl-C where that is a key.
static inline void ce_bind_interrupt(rl_command_func_t *function) {
    rl_initialize();
    rl_add_defun("athena-interrupt", function, 3);
}
static inline void ce_end_line(void) { rl_done = 1; }
static inline void ce_begin_line(void) { rl_done = 0; }
