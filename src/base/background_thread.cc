// Priorities of threads.
#include "base/background_thread.h"

#include <sys/resource.h>

namespace pinion {

void GiveWayToOthers() {
  // For Linux a thread is a process of its own in this; where it is not allowed all go on alike.
  constexpr int kNiceness = 5;
  (void)setpriority(PRIO_PROCESS, 0, kNiceness);
}

}  // namespace pinion
