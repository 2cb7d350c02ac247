// What threads do that work in the background.
#pragma once

namespace pinion {

// Lowers the calling thread's priority: the threads that serve requests go first where there are not enough cores for
// all.
void GiveWayToOthers();

}  // namespace pinion
