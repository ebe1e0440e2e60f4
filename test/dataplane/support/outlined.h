/* What the stack inlines by force may be called here. Where its features are variables nothing
 * folds, and one function of all that a stack can do takes clang more than a minute under the
 * sanitizers; calls cost no executions. Included before all headers of the dataplane. */
#pragma once

#include <rte_common.h>

#undef __rte_always_inline
#define __rte_always_inline inline
