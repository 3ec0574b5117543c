// What a State may do next: the types of acts that are open to it, whatever they say. Told to
// officers and to whoever writes a scenario; each act is judged by itself all the same.
#pragma once

#include "exchange/situation.hpp"

namespace comity::exchange {

/// In the order of ActType. A type is open when some act of it is: a notice of one kind at least, a
/// delivery of some item not delivered before.
std::vector<ActType> open_to(const Situation& known, Side side);

}  // namespace comity::exchange
